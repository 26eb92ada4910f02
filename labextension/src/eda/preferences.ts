/**
 * What a person has set for profiles.
 */
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal, type ISignal } from '@lumino/signaling';

import type { Nulls, Options } from './schemas';
import { DEFAULTS } from './wanted';

const NULLS: readonly Nulls[] = ['skip', 'mean', 'mode', 'interpolate'];

/** The settings of auto-EDA; without their schema the defaults hold. */
export class Preferences {
  /** Emitted when a setting may have another value. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The options of a run when the person says nothing. */
  get options(): Options {
    return this._options;
  }

  /** Whether the list of dataframes follows the cells that run. */
  get live(): boolean {
    return this._live;
  }

  /** Whether a run tells how it goes on while the person looks elsewhere. */
  get notify(): boolean {
    return this._notify;
  }

  /** Take the values of the settings, now and whenever they change. */
  follow(settings: ISettingRegistry.ISettings): void {
    const take = (): void => {
      const { seconds, nulls, live, notify } = settings.composite;
      this._options = {
        ...DEFAULTS,
        seconds: typeof seconds === 'number' ? seconds : DEFAULTS.seconds,
        nulls: NULLS.find(one => one === nulls) ?? DEFAULTS.nulls
      };
      this._live = live !== false;
      this._notify = notify !== false;
      this._changed.emit();
    };
    settings.changed.connect(take);
    take();
  }

  private readonly _changed = new Signal<this, void>(this);
  private _options: Options = DEFAULTS;
  private _live = true;
  private _notify = true;
}
