// The core of the library: ask for architectures, measure them however and wherever you like, tell the results in any order.
//   node examples/ask-tell.mjs
import { Study, digits201Oracle, spaces } from 'optiproxy';

const measure = await digits201Oracle({ metrics: ['val_acc', 'test_acc'] });
const study = await Study.open({
  space: spaces.digits201(),
  objectives: [{ metric: 'val_acc', goal: 'maximize' }],
  seed: 7,
});
for (let round = 0; round < 5; ++round) {
  const trials = await study.ask(6);
  for (const trial of trials.reverse()) await study.tell(trial.id, await measure(trial.architecture));
}
console.log(`${study.queries} queries, best val_acc ${study.best.metrics.val_acc} at query ${study.best.query}`);
console.log(study.best.architecture);
study.close();
