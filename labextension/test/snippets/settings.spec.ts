import { CommandRegistry } from '@lumino/commands';

import schema from '../../schema/snippets.json';
import { Preferences } from '../../src/base/preferences';
import { bindKeys, DEFAULTS, setKeys } from '../../src/snippets/settings';

describe('the settings', () => {
  it('have the defaults of their schema', () => {
    const { properties } = schema;
    expect(DEFAULTS).toEqual({
      sort: properties.sort.default,
      preview: properties.preview.default,
      completion: properties.completion.default,
      keys: properties.keys.default
    });
  });

  it('bind the keys of snippets, and only those that hold now', async () => {
    const commands = new CommandRegistry();
    commands.addCommand('insert', { execute: () => undefined });
    const preferences = new Preferences(DEFAULTS);
    await preferences.set('keys', [{ snippet: 'a', keys: ['Accel Alt 1'] }]);
    bindKeys(preferences, commands, 'insert');
    const bound = (): unknown[] =>
      commands.keyBindings.map(({ args, keys, selector }) => ({
        args,
        keys,
        selector
      }));
    expect(bound()).toHaveLength(1);
    expect(bound()[0]).toMatchObject({ args: { id: 'a' }, selector: '.jp-LabShell' });
    await setKeys(preferences, 'b', ['Ctrl K', 'Ctrl B']);
    expect(commands.keyBindings).toHaveLength(2);
    expect(commands.keyBindings[1].keys).toEqual(['Ctrl K', 'Ctrl B']);
    await preferences.set('sort', 'name');
    expect(commands.keyBindings).toHaveLength(2);
    await setKeys(preferences, 'a', null);
    expect(bound()).toEqual([
      expect.objectContaining({ args: { id: 'b' }, keys: ['Ctrl K', 'Ctrl B'] })
    ]);
  });

  it('keep where the keys of a snippet work when they change', async () => {
    const preferences = new Preferences(DEFAULTS);
    await preferences.set('keys', [
      { snippet: 'a', keys: ['Alt 1'], selector: '.jp-Notebook' }
    ]);
    await setKeys(preferences, 'a', ['Alt 2']);
    expect(preferences.values.keys).toEqual([
      { snippet: 'a', keys: ['Alt 2'], selector: '.jp-Notebook' }
    ]);
  });
});
