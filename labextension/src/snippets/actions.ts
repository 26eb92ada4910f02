/**
 * What happens to one snippet, for the commands and for what a person does by hand.
 */
import { Notification } from '@jupyterlab/apputils';

import { Invalid, NotFound } from '../base/errors';
import type { Args } from '../base/registry';
import { offerUndo } from '../base/undo';
import { Budget } from './body/budget';
import { expand } from './body/expand';
import type { ISnippetsContext } from './context';
import { contentOf, Draft, type DraftStore, type IDraftContent } from './editor/draft';
import { installCode } from './insert/kernel';
import type { Snippet } from './schemas';
import type { InsertMode } from './tokens';

const ID = /^[\w.:-]+$/;
const COPIED_MS = 3_000;

/** Insert a snippet where the person last worked; whether it was inserted. */
export async function insertSnippet(
  context: ISnippetsContext,
  snippet: Snippet,
  mode?: InsertMode
): Promise<boolean> {
  const inserted = await context.inserter.insert(snippet, mode);
  if (inserted) {
    await recordUse(context, snippet);
  }
  return inserted !== null;
}

/** Note that a snippet was used, and what it still needs. */
export async function recordUse(
  { requirements, model }: ISnippetsContext,
  snippet: Snippet
): Promise<void> {
  void requirements.note(snippet);
  await model.mark(snippet.id, { used: true, seen: true });
}

/** The snippet that arguments name by id or name, or the selected one; rejects with `NotFound`. */
export async function snippetIn(
  { model, selection, trans }: ISnippetsContext,
  args: Args
): Promise<Snippet> {
  const id = args.id as string | undefined;
  const name = (args.name as string | undefined) ?? id;
  if (!name) {
    const { active } = selection;
    if (!active) {
      throw new NotFound({ message: trans.__('No snippet is selected.') });
    }
    return model.find(active.id) ?? active;
  }
  const known = id ? model.find(id) : undefined;
  if (known) {
    return known;
  }
  if (id && ID.test(id)) {
    try {
      return await model.get(id);
    } catch (error) {
      if (!(error instanceof NotFound)) {
        throw error;
      }
    }
  }
  const page = await model.search({ q: name, limit: 50 });
  const namesake = page.items.find(snippet => snippet.name === name);
  if (!namesake) {
    throw new NotFound({
      message: trans.__('There is no snippet "%1".', name),
      remedy: trans.__('It may have been renamed or deleted.')
    });
  }
  return namesake;
}

/** Delete a snippet, and offer to bring it back. */
export async function removeSnippet(
  { model, selection, trans }: ISnippetsContext,
  drafts: DraftStore,
  snippet: Snippet
): Promise<void> {
  await model.remove(snippet.id);
  await drafts.forget(Draft.keyOf(snippet.id));
  if (selection.has(snippet.id)) {
    selection.set(null);
  }
  const undelete = (): Promise<unknown> => model.undelete(snippet.id);
  offerUndo(trans.__('Deleted "%1"', snippet.name), undelete, trans);
}

/** Delete several snippets, and offer to bring all of them back. */
export async function removeSnippets(
  { model, selection, trans }: ISnippetsContext,
  drafts: DraftStore,
  snippets: readonly Snippet[]
): Promise<void> {
  const { ids, failed } = await model.removeMany(snippets.map(({ id }) => id));
  await Promise.all(ids.map(id => drafts.forget(Draft.keyOf(id))));
  selection.set(null);
  const undelete = (): Promise<unknown> => model.undeleteMany(ids);
  if (ids.length) {
    offerUndo(
      trans._n(
        'Deleted %2 snippet',
        'Deleted %2 snippets',
        ids.length,
        ids.length.toLocaleString()
      ),
      undelete,
      trans
    );
  }
  if (failed.length) {
    const names = new Map(snippets.map(({ id, name }) => [id, name]));
    const [{ id, reason }] = failed;
    throw new Invalid({
      code: 'invalid',
      message: trans._n(
        '%1 snippet was not deleted',
        '%1 snippets were not deleted',
        failed.length
      ),
      reason: trans.__('"%1": %2', names.get(id) ?? id, reason)
    });
  }
}

/** Save a copy that is the person's own. */
export async function duplicateSnippet(
  context: ISnippetsContext,
  snippet: Snippet
): Promise<void> {
  const { model, trans } = context;
  const content = copyOf(context, snippet);
  // What it is copied from was saved knowingly, so nothing is scanned again.
  const copy = await model.save({
    ...content,
    base_version: null,
    allow_secrets: true
  });
  Notification.success(trans.__('Made "%1"', copy.name), { autoClose: COPIED_MS });
}

/** The draft to edit a snippet with: of a copy if the snippet can only be read. */
export async function draftOf(
  context: ISnippetsContext,
  drafts: DraftStore,
  snippet: Snippet
): Promise<Draft> {
  if (!snippet.writable) {
    return Draft.new(copyOf(context, snippet));
  }
  return (await drafts.load(Draft.keyOf(snippet.id))) ?? Draft.of(snippet);
}

/** The draft under a key that outlived a reload; null when it was of something new and is gone. */
export async function draftUnder(
  context: ISnippetsContext,
  drafts: DraftStore,
  key: string
): Promise<Draft | null> {
  const draft = await drafts.load(key);
  const id = key.replace(/^id:/, '');
  if (draft || id.startsWith('new:')) {
    return draft;
  }
  return draftOf(context, drafts, await snippetIn(context, { id }));
}

/** What a copy of the person's own starts with. */
export function copyOf(context: ISnippetsContext, snippet: Snippet): IDraftContent {
  return {
    ...contentOf(snippet),
    name: copyName(context, snippet.name),
    prefixes: [],
    scope: 'mine',
    project: null
  };
}

/** The name of a copy. */
export function copyName({ trans }: ISnippetsContext, name: string): string {
  return trans.__('%1 (copy)', name.slice(0, 110));
}

/** The code as one text, with the defaults in the places of the tab stops. */
export function plainText({ cells, syntax }: Snippet): string {
  const budget = new Budget();
  return cells
    .map(({ source }) =>
      syntax === 'vscode' ? expand(source, () => undefined, budget).text : source
    )
    .join('\n\n');
}

/** Add a cell that installs modules, and run it. */
export async function installModules(
  { commands, inserter, requirements }: ISnippetsContext,
  modules: readonly string[]
): Promise<void> {
  const target = inserter.insertCode(installCode(modules));
  requirements.dismiss();
  if (target.kind === 'notebook') {
    await commands.execute('notebook:run-cell');
  } else if (target.kind === 'console') {
    await commands.execute('console:run-forced');
  }
}
