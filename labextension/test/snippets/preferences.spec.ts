import { Signal } from '@lumino/signaling';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { CommandRegistry } from '@lumino/commands';

import { Preferences } from '../../src/snippets/preferences';

/** Settings that only remember. */
class Settings {
  constructor(public composite: Record<string, unknown> = {}) {}

  readonly changed = new Signal<this, void>(this);

  async set(key: string, value: unknown): Promise<void> {
    this.composite = { ...this.composite, [key]: value };
    this.changed.emit();
    await Promise.resolve();
  }
}

const follow = (preferences: Preferences, settings: Settings): void =>
  preferences.follow(settings as unknown as ISettingRegistry.ISettings);

describe('Preferences', () => {
  it('has the defaults of the schema until there are settings', () => {
    const preferences = new Preferences();
    expect(preferences.sort).toBe('relevance');
    expect(preferences.preview).toBe(true);
    expect(preferences.completion).toBe(true);
    expect(preferences.keys).toEqual([]);
  });

  it('follows the settings and writes them', async () => {
    const preferences = new Preferences();
    const settings = new Settings({ sort: 'name', preview: false });
    follow(preferences, settings);
    expect(preferences.sort).toBe('name');
    expect(preferences.preview).toBe(false);
    await preferences.setSort('used');
    expect(settings.composite.sort).toBe('used');
    await settings.set('completion', false);
    expect(preferences.completion).toBe(false);
  });

  it('binds the keys of snippets, and only those that hold now', async () => {
    const commands = new CommandRegistry();
    commands.addCommand('insert', { execute: () => undefined });
    const preferences = new Preferences();
    follow(
      preferences,
      new Settings({ keys: [{ snippet: 'a', keys: ['Accel Alt 1'] }] })
    );
    preferences.bind(commands, 'insert');
    const bound = (): unknown[] =>
      commands.keyBindings.map(({ args, keys, selector }) => ({
        args,
        keys,
        selector
      }));
    expect(bound()).toHaveLength(1);
    expect(bound()[0]).toMatchObject({ args: { id: 'a' }, selector: '.jp-LabShell' });
    await preferences.setKeys('b', ['Ctrl K', 'Ctrl B']);
    expect(commands.keyBindings).toHaveLength(2);
    expect(commands.keyBindings[1].keys).toEqual(['Ctrl K', 'Ctrl B']);
    await preferences.setSort('name');
    expect(commands.keyBindings).toHaveLength(2);
    await preferences.setKeys('a', null);
    expect(bound()).toEqual([
      expect.objectContaining({ args: { id: 'b' }, keys: ['Ctrl K', 'Ctrl B'] })
    ]);
  });

  it('keeps where the keys of a snippet work when they change', async () => {
    const preferences = new Preferences();
    const settings = new Settings({
      keys: [{ snippet: 'a', keys: ['Alt 1'], selector: '.jp-Notebook' }]
    });
    follow(preferences, settings);
    await preferences.setKeys('a', ['Alt 2']);
    expect(settings.composite.keys).toEqual([
      { snippet: 'a', keys: ['Alt 2'], selector: '.jp-Notebook' }
    ]);
  });
});
