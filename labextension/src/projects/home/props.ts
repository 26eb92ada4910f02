/**
 * What the parts of Home are given.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject } from '@lumino/coreutils';

/** Execute a command; when it opens something, `name` is for the message about a failure. */
export type Run = (id: string, args?: ReadonlyJSONObject, name?: string) => void;

/** What every part of Home needs. */
export interface IPartProps {
  commands: CommandRegistry;
  run: Run;
  trans: TranslationBundle;
}
