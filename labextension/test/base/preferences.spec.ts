import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal } from '@lumino/signaling';

import { Preferences } from '../../src/base/preferences';

/** Settings in memory. */
class Settings {
  constructor(public composite: Record<string, unknown> = {}) {}

  readonly changed = new Signal<this, void>(this);

  async set(name: string, value: unknown): Promise<void> {
    this.composite = { ...this.composite, [name]: value };
    this.changed.emit();
    await Promise.resolve();
  }
}

const registryOf = (settings: Settings | null): ISettingRegistry =>
  ({
    load: () =>
      settings ? Promise.resolve(settings) : Promise.reject(new Error('No schema'))
  }) as unknown as ISettingRegistry;

interface IValues {
  sort: string;
  live: boolean;
}

const DEFAULTS: IValues = { sort: 'name', live: true };

describe('Preferences', () => {
  it('has the defaults without a registry and without a schema', async () => {
    const preferences = new Preferences(DEFAULTS);
    await preferences.follow(null, 'p');
    await preferences.follow(registryOf(null), 'p');
    expect(preferences.values).toEqual(DEFAULTS);
    await preferences.set('sort', 'used');
    expect(preferences.values.sort).toBe('used');
  });

  it('follows the settings and writes them', async () => {
    const preferences = new Preferences(DEFAULTS);
    const settings = new Settings({ live: false });
    const changes = jest.fn();
    preferences.changed.connect(changes);
    await preferences.follow(registryOf(settings), 'p');
    expect(preferences.values).toEqual({ sort: 'name', live: false });
    await preferences.set('sort', 'used');
    expect(settings.composite.sort).toBe('used');
    changes.mockClear();
    await settings.set('live', true);
    expect(preferences.values.live).toBe(true);
    expect(changes).toHaveBeenCalledTimes(1);
  });
});
