/**
 * Settings with types: what a person has set, and the defaults while there is nothing else.
 */
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { PartialJSONValue } from '@lumino/coreutils';
import { Signal, type ISignal } from '@lumino/signaling';

/** Follows the settings of one plugin. */
export class Preferences<V extends object> {
  /** @param defaults Those of the settings schema. */
  constructor(private readonly defaults: V) {
    this._values = defaults;
  }

  /** Emitted when a value may be another one. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get values(): Readonly<V> {
    return this._values;
  }

  /** Follow the settings of a plugin from now on; without its schema the defaults hold. */
  async follow(registry: ISettingRegistry | null, plugin: string): Promise<void> {
    const settings = await registry?.load(plugin).catch(() => null);
    if (settings) {
      this._settings = settings;
      settings.changed.connect(this._read, this);
      this._read();
    }
  }

  /** Set a value: it holds at once, and is written to the settings. */
  async set<K extends string & keyof V>(name: K, value: V[K]): Promise<void> {
    this._values = { ...this._values, [name]: value };
    this._changed.emit();
    await this._settings?.set(name, value as PartialJSONValue);
  }

  private _read(): void {
    this._values = {
      ...this.defaults,
      ...(this._settings?.composite as Partial<V> | undefined)
    };
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private _settings: ISettingRegistry.ISettings | null = null;
  private _values: V;
}
