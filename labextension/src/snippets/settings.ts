/**
 * What a person can set for the snippets, and the keys that insert one.
 */
import type { CommandRegistry } from '@lumino/commands';
import { DisposableSet } from '@lumino/disposable';

import type { Preferences } from '../base/preferences';
import type { ExportFormat, Sort } from './schemas';

/** What the panel can be ordered by. */
export const SORTS: readonly Sort[] = [
  'relevance',
  'name',
  'updated',
  'used',
  'position'
];

/** Whose files snippets can be exported as. */
export const FORMATS: readonly ExportFormat[] = ['code-snippets', 'elyra'];

/** The keys that insert a snippet. */
export interface ISnippetKeys {
  /** Its id or its name. */
  snippet: string;
  /** As in the lab's shortcuts: `['Accel Alt 1']`; several are the strokes of a chord. */
  keys: readonly string[];
  /** Where the keys work; `.jp-LabShell` when it is left out. */
  selector?: string;
}

/** The settings of the snippets. */
export interface ISnippetSettings {
  sort: Sort;
  /** Whether resting on a row shows its code beside the panel. */
  preview: boolean;
  /** Whether typing a prefix offers its snippet. */
  completion: boolean;
  keys: readonly ISnippetKeys[];
}

/** The defaults of the settings schema. */
export const DEFAULTS: ISnippetSettings = {
  sort: 'relevance',
  preview: true,
  completion: true,
  keys: []
};

const ANYWHERE = '.jp-LabShell';

export type SnippetPreferences = Preferences<ISnippetSettings>;

/** Give a snippet a shortcut; null takes it away. */
export async function setKeys(
  preferences: SnippetPreferences,
  snippet: string,
  keys: readonly string[] | null
): Promise<void> {
  const { keys: all } = preferences.values;
  const others = all.filter(binding => binding.snippet !== snippet);
  const before = all.find(binding => binding.snippet === snippet);
  const next = keys ? [...others, { ...before, snippet, keys }] : others;
  await preferences.set('keys', next);
}

/** Bind the shortcuts of the snippets to a command, now and whenever they change. */
export function bindKeys(
  preferences: SnippetPreferences,
  commands: CommandRegistry,
  command: string
): void {
  let bindings = new DisposableSet();
  let bound: readonly ISnippetKeys[] | null = null;
  const bind = (): void => {
    const { keys: all } = preferences.values;
    if (bound === all) {
      return;
    }
    bound = all;
    bindings.dispose();
    bindings = new DisposableSet();
    for (const { snippet, keys, selector = ANYWHERE } of all) {
      const args = { id: snippet };
      bindings.add(
        commands.addKeyBinding({ command, args, keys: [...keys], selector })
      );
    }
  };
  preferences.changed.connect(bind);
  bind();
}
