/**
 * What the person has set for the snippets.
 */
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { CommandRegistry } from '@lumino/commands';
import type { PartialJSONValue } from '@lumino/coreutils';
import { DisposableSet } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { Sort } from './schemas';

/** A snippet's own shortcut. */
export interface IKeys {
  /** Its id or its name. */
  snippet: string;
  /** As in the lab's shortcuts: `['Accel Alt 1']`; several are the strokes of a chord. */
  keys: readonly string[];
  /** Where the keys work; `.jp-LabShell` when it is left out. */
  selector?: string;
}

interface IValues {
  sort: Sort;
  preview: boolean;
  completion: boolean;
  keys: readonly IKeys[];
}

const DEFAULTS: IValues = {
  sort: 'relevance',
  preview: true,
  completion: true,
  keys: []
};
const ANYWHERE = '.jp-LabShell';

/** The settings of the snippets, with the defaults of their schema while there are none. */
export class Preferences {
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get sort(): Sort {
    return this._values.sort;
  }

  /** Whether resting on a row shows its code beside the panel. */
  get preview(): boolean {
    return this._values.preview;
  }

  /** Whether typing a prefix offers its snippet. */
  get completion(): boolean {
    return this._values.completion;
  }

  get keys(): readonly IKeys[] {
    return this._values.keys;
  }

  /** Follow these settings from now on. */
  follow(settings: ISettingRegistry.ISettings): void {
    this._settings = settings;
    settings.changed.connect(this._read, this);
    this._read();
  }

  async setSort(sort: Sort): Promise<void> {
    await this._set('sort', sort);
  }

  /** Give a snippet a shortcut; null takes it away. */
  async setKeys(snippet: string, keys: readonly string[] | null): Promise<void> {
    const others = this.keys.filter(one => one.snippet !== snippet);
    const own = this.keys.find(one => one.snippet === snippet);
    const next = keys ? [...others, { ...own, snippet, keys }] : others;
    await this._set('keys', next);
  }

  /** Keep the shortcuts of the snippets bound to a command. */
  bind(commands: CommandRegistry, command: string): void {
    let bound = new DisposableSet();
    let seen: readonly IKeys[] | null = null;
    const rebind = (): void => {
      if (seen === this.keys) {
        return;
      }
      seen = this.keys;
      bound.dispose();
      bound = new DisposableSet();
      for (const { snippet, keys, selector } of seen) {
        const args = { id: snippet };
        bound.add(
          commands.addKeyBinding({
            command,
            args,
            keys: [...keys],
            selector: selector ?? ANYWHERE
          })
        );
      }
    };
    this.changed.connect(rebind);
    rebind();
  }

  private async _set<K extends keyof IValues>(
    key: K,
    value: IValues[K]
  ): Promise<void> {
    this._values = { ...this._values, [key]: value };
    this._changed.emit();
    await this._settings?.set(key, value as unknown as PartialJSONValue);
  }

  private _read(): void {
    this._values = { ...DEFAULTS, ...(this._settings?.composite as Partial<IValues>) };
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private _settings: ISettingRegistry.ISettings | null = null;
  private _values = DEFAULTS;
}
