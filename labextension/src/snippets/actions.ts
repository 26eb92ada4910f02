/**
 * What happens to one snippet, for the commands and for what a person does by hand.
 */
import { Notification } from '@jupyterlab/apputils';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { NotFound } from '../base/errors';
import { notifyError } from '../base/notify';
import { expand } from './body';
import { contentOf, Draft, type IDraftContent } from './draft';
import type { Snippet } from './schemas';
import type { InsertMode } from './tokens';
import type { IWorkbench } from './workbench';

const UNDO_MS = 10_000;

/** Insert a snippet where the person last worked; whether it was inserted. */
export async function insertSnippet(
  bench: IWorkbench,
  snippet: Snippet,
  mode?: InsertMode
): Promise<boolean> {
  const inserted = await bench.inserter.insert(snippet, mode);
  if (inserted) {
    await countUse(bench, snippet);
  }
  return inserted !== null;
}

/** Note that a snippet was used, and what it still needs. */
export async function countUse(bench: IWorkbench, snippet: Snippet): Promise<void> {
  void bench.requirements.note(snippet);
  await bench.model.mark(snippet.id, { used: true, seen: true });
}

/** The snippet that arguments name, or the one that is picked. */
export async function wanted(
  bench: IWorkbench,
  args: ReadonlyPartialJSONObject
): Promise<Snippet> {
  const { model, selection, trans } = bench;
  const id = args.id as string | undefined;
  const name = (args.name as string | undefined) ?? id;
  if (!name) {
    if (selection.active) {
      return model.at(model.indexOf(selection.active.id)) ?? selection.active;
    }
    throw new NotFound({ message: trans.__('No snippet is picked.') });
  }
  const known = id ? model.at(model.indexOf(id)) : undefined;
  if (known) {
    return known;
  }
  if (id && /^[\w.:-]+$/.test(id)) {
    try {
      return await model.get(id);
    } catch (error) {
      if (!(error instanceof NotFound)) {
        throw error;
      }
    }
  }
  const page = await model.find({ q: name, limit: 50 });
  const named = page.items.find(one => one.name === name);
  if (!named) {
    throw new NotFound({
      message: trans.__('There is no snippet "%1".', name),
      remedy: trans.__('It may have been renamed or deleted.')
    });
  }
  return named;
}

/** Delete a snippet, and offer to bring it back. */
export async function removeSnippet(
  bench: IWorkbench,
  snippet: Snippet
): Promise<void> {
  const { model, trans } = bench;
  await model.remove(snippet.id);
  await bench.drafts.forget(Draft.keyOf(snippet.id));
  if (bench.selection.active?.id === snippet.id) {
    bench.selection.set(null);
  }
  Notification.info(trans.__('Deleted "%1"', snippet.name), {
    autoClose: UNDO_MS,
    actions: [
      {
        label: trans.__('Undo'),
        caption: trans.__('Bring the snippet back'),
        callback: () =>
          void model.undelete(snippet.id).catch(error => notifyError(error, trans))
      }
    ]
  });
}

/** What a copy of the person's own starts with. */
export function copyOf(bench: IWorkbench, snippet: Snippet): IDraftContent {
  return {
    ...contentOf(snippet),
    name: copyName(bench, snippet.name),
    prefix: null,
    scope: 'mine',
    project: null
  };
}

/** The name of a copy. */
export function copyName(bench: IWorkbench, name: string): string {
  return bench.trans.__('%1 (copy)', name.slice(0, 110));
}

/** The code as one text, with the defaults in the places of the tab stops. */
export function plainText(snippet: Snippet): string {
  return snippet.cells
    .map(cell =>
      snippet.syntax === 'vscode'
        ? expand(cell.source, () => undefined).text
        : cell.source
    )
    .join('\n\n');
}
