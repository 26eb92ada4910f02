/**
 * What a command is about, what its arguments name or else what is selected in the panel, and how it says so.
 */
import { toError } from '../base/errors';
import type { Args } from '../base/registry';
import type { ICommandContext } from './context';
import { knownFrom, UNKNOWN, type IKnownSource } from './readingoptions';
import type { Run, SourceIn } from './schemas';
import { nameOfItem, sourceOfItem, type PanelItem } from './selection';
import { sourceOf } from './source';

type Context = Pick<ICommandContext, 'client' | 'model' | 'selection' | 'trans'>;

/** A caption that begins with the name of the selected item, when the command is about that. */
export function captionFor({ selection }: Context, text: string) {
  return (args: Args): string =>
    selection.active && !args.id && !args.source
      ? `${nameOfItem(selection.active)}: ${text}`
      : text;
}

/** Whether an item is data that lie somewhere; a dataframe is only in its kernel. */
export function isStored(item: PanelItem | null): boolean {
  return item !== null && sourceOfItem(item).kind !== 'frame';
}

/** The source in an argument. */
export function asSource(value: unknown): SourceIn {
  return sourceOf(value as SourceIn);
}

/** The source that the arguments name, or that the selected item stands for. */
export function sourceIn({ selection, trans }: Context, args: Args): SourceIn {
  if (args.source) {
    return asSource(args.source);
  }
  if (!selection.active) {
    throw toError({
      code: 'not_found',
      message: trans.__('Nothing is selected'),
      remedy: trans.__('Select a row of the panel, or name a source')
    });
  }
  return sourceOfItem(selection.active);
}

/** The selected runs. */
export function selectedRuns({ selection }: Context): readonly Run[] {
  return selection.items.flatMap(item => (item.kind === 'run' ? item.run : []));
}

/** The id of the run of an item: its own, or that of the newest run on a source. */
export function runIdOf(item: PanelItem | null): string | null {
  switch (item?.kind) {
    case 'run':
      return item.run.id;
    case 'source':
      return item.source.run ?? null;
    default:
      return null;
  }
}

/** The id that the arguments name, or that of the selected item; null if there is none. */
export function runIdIn({ selection }: Context, args: Args): string | null {
  return typeof args.id === 'string' ? args.id : runIdOf(selection.active);
}

/** The run that a command is about, if it is known without asking. */
export function knownRun(context: Context, args: Args): Run | undefined {
  return context.model.find(runIdIn(context, args) ?? '');
}

/** The run that a command is about; rejects when there is none. */
export async function runIn(context: Context, args: Args): Promise<Run> {
  const id = runIdIn(context, args);
  if (id === null) {
    throw toError({
      code: 'not_found',
      message: context.trans.__('No report is selected'),
      remedy: context.trans.__('Select one in the panel')
    });
  }
  return context.model.find(id) ?? (await context.client.watch(id, -1, 0)).run;
}

/** What a run has found out about its source; nothing if it cannot be asked. */
export async function knownSource(
  { client }: Context,
  id: string | null
): Promise<IKnownSource> {
  try {
    return id ? knownFrom((await client.watch(id, -1, 0)).overview) : UNKNOWN;
  } catch {
    return UNKNOWN;
  }
}

/** Put code that loads a source where the person works. */
export async function insertLoadingCode(
  { client, opener }: Pick<ICommandContext, 'client' | 'opener'>,
  source: SourceIn
): Promise<void> {
  const { code } = await client.load({ source, folder: opener.folder });
  opener.insert(code.trimEnd());
}
