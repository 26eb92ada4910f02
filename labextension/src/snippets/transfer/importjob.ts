/**
 * An import that runs on the server, followed to its end with a notification that can stop it.
 */
import { Notification } from '@jupyterlab/apputils';

import { NetworkDown, TimedOut } from '../../base/errors';
import { notifyError } from '../../base/notify';
import type { ISnippetsContext } from '../context';
import type { ImportJob } from '../schemas';

const POLL_MS = 500;
const AWAY_POLL_MS = 5_000;

/** Whether a job is under way. */
export function isActive({ state }: ImportJob): boolean {
  return state === 'running' || state === 'undoing';
}

/** The job when it has ended; until then a notification shows how far it is. */
export async function ended(
  context: ISnippetsContext,
  job: ImportJob
): Promise<ImportJob> {
  if (!isActive(job)) {
    return job;
  }
  const { model, trans } = context;
  const cancel = (): void =>
    void model.calls.cancelImport(job.id).catch(error => notifyError(error, trans));
  const id = Notification.emit(messageOf(context, job), 'in-progress', {
    autoClose: false,
    progress: 0,
    actions:
      job.state === 'running' ? [{ label: trans.__('Cancel'), callback: cancel }] : []
  });
  try {
    for (let current = job; ;) {
      current = await next(context, current);
      if (!isActive(current)) {
        return current;
      }
      const progress = current.done / Math.max(1, current.total);
      Notification.update({ id, message: messageOf(context, current), progress });
    }
  } finally {
    Notification.dismiss(id);
    void model.refresh();
  }
}

/** The imports that are under way, such as one that was begun before the page was loaded again. */
export async function activeImports({
  model
}: ISnippetsContext): Promise<readonly ImportJob[]> {
  return (await model.calls.listImports({ limit: 20 })).items.filter(isActive);
}

/** How the job is after a while; a server that is away for a moment is waited for. */
async function next({ model }: ISnippetsContext, job: ImportJob): Promise<ImportJob> {
  await pause(POLL_MS);
  for (;;) {
    try {
      return await model.calls.getImport(job.id);
    } catch (error) {
      if (!(error instanceof NetworkDown || error instanceof TimedOut)) {
        throw error;
      }
      await pause(AWAY_POLL_MS);
    }
  }
}

function messageOf({ trans }: ISnippetsContext, job: ImportJob): string {
  const { state, done, total } = job;
  if (total === 0) {
    return trans.__('Reading snippet files…');
  }
  const [now, all] = [done.toLocaleString(), total.toLocaleString()];
  return state === 'undoing'
    ? trans.__('Taking the import back: %1 of %2', now, all)
    : trans.__('Importing snippets: %1 of %2', now, all);
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
