// A search whose queries take simulated time on several workers: events in the order of a clock that nobody waits for.

/**
 * Asks and tells until `queries` are answered.  First samples are asked at once, as `study.run` does; then
 * - `ordered`: as many as there are workers, when the batch before is done (`study.run` with such a `concurrency`);
 * - `async`: one whenever a worker is free, while those of the others are pending.
 * An answer is told when its query ends, of several at that moment the one asked first.  `duration(trial)` is how long a
 * query takes; asks and tells take none of that time.  Resolves to what was answered, in the order told.
 */
export async function simulate(study, { workers, mode, queries, oracle, duration }) {
  const idle = Array.from({ length: workers }, (_, i) => workers - 1 - i);
  const running = [];
  const answers = [];
  let waiting = []; // asked, and no worker was free yet
  let asked = 0;
  let now = 0;
  const wanted = () => {
    if (mode === 'async' && asked > 0) return 1;
    return running.length === 0 ? study.nextBatch(workers) : 0;
  };
  for (;;) {
    while (idle.length > 0) {
      const count = waiting.length > 0 ? 0 : Math.min(wanted(), queries - asked);
      if (count > 0) {
        waiting = await study.ask(count);
        asked += waiting.length;
      }
      const trial = waiting.shift();
      if (trial === undefined) break;
      const { id, architecture } = trial;
      running.push({ id, architecture, worker: idle.pop(), start: now, end: now + duration(trial) });
    }
    if (running.length === 0) return answers;
    const done = running.reduce((a, b) => (b.end < a.end || (b.end === a.end && b.id < a.id) ? b : a));
    running.splice(running.indexOf(done), 1);
    now = done.end;
    idle.push(done.worker);
    const { metrics } = await study.tell(done.id, await oracle(done.architecture));
    answers.push({ ...done, metrics });
  }
}
