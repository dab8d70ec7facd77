import { runOnce, type Job, type RunRecord } from './run.js';
import { openTask, type OpenedTask } from './task.js';

/** The task of the last job: jobs come task by task, so a table is loaded once a worker. */
let current: { digest: string; opened: Promise<OpenedTask> } | undefined;

/** What a worker thread does with a job. */
export default async function work(job: Job): Promise<RunRecord> {
  if (current?.digest !== job.digest) {
    current?.opened.then((task) => task.close()).catch(() => {}); // one that did not open has nothing to close
    const opened = openTask(job.task);
    current = { digest: job.digest, opened };
    opened.catch(() => (current = undefined)); // the next job may find the table readable
  }
  return runOnce(await current.opened, job);
}
