/** Packages that exist as ES modules only, loaded when charts are drawn. */
export const loadScale = () => import('d3-scale');
export const loadShape = () => import('d3-shape');
