import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Signal } from '@lumino/signaling';

import { executeOwn } from '../../src/base/registry';
import { NotFound } from '../../src/base/errors';
import { copyName } from '../../src/snippets/actions';
import { Selection } from '../../src/base/panel/selection';
import { Preferences } from '../../src/base/preferences';
import { addCommands, CommandIDs } from '../../src/snippets/commands';
import type { ISnippetsContext, ISnippetsOpener } from '../../src/snippets/context';
import { DraftStore, type Draft } from '../../src/snippets/editor/draft';
import type { Inserter } from '../../src/snippets/insert/inserter';
import type { Capture } from '../../src/snippets/insert/capture';
import { SnippetsModel } from '../../src/snippets/model';
import { Requirements } from '../../src/snippets/insert/requirements';
import type { Snippet } from '../../src/snippets/schemas';
import { DEFAULTS } from '../../src/snippets/settings';
import { MemoryClient, settled, snippet } from './fixtures';

/** Takes every snippet, or has no place for any. */
class Place {
  readonly targetChanged = new Signal<this, void>(this);
  enabled = true;
  kind = 'notebook';
  readonly inserted: string[] = [];
  readonly code: string[] = [];

  describeTarget(): unknown {
    const text = this.enabled ? 'Insert into a.ipynb' : 'Open a notebook first';
    return { enabled: this.enabled, text, language: 'python' };
  }

  insert(one: { name: string }): Promise<unknown> {
    this.inserted.push(one.name);
    return Promise.resolve(this.enabled ? { target: { kind: this.kind } } : null);
  }

  insertCode(code: string): unknown {
    this.code.push(code);
    return { kind: this.kind };
  }
}

describe('the commands', () => {
  let client: MemoryClient;
  let commands: CommandRegistry;
  let place: Place;
  let context: ISnippetsContext;
  let drafts: DraftStore;
  let opener: jest.Mocked<ISnippetsOpener>;
  let captured: object | null;
  const notified = (): string[] =>
    Notification.manager.notifications.map(one => one.message);

  beforeEach(async () => {
    Notification.dismiss();
    client = new MemoryClient(
      snippet('a'),
      snippet('b', { writable: false, library: 'orrery', requires: ['polars'] })
    );
    commands = new CommandRegistry();
    place = new Place();
    captured = { name: 'Taken', cells: [{ kind: 'code', source: 'x' }] };
    const model = new SnippetsModel(client);
    await model.open();
    context = {
      model,
      commands,
      selection: new Selection<Snippet>(({ id }) => id),
      preferences: new Preferences(DEFAULTS),
      requirements: new Requirements(() => null),
      inserter: place as unknown as Inserter,
      code: {} as ISnippetsContext['code'],
      projects: null,
      toolbar: null,
      user: () => 'ada',
      trans: nullTranslator.load('orrery')
    };
    drafts = new DraftStore(null);
    opener = {
      panel: jest.fn(),
      edit: jest.fn().mockResolvedValue(undefined),
      save: jest.fn().mockResolvedValue(true),
      editing: jest.fn().mockReturnValue(false),
      history: jest.fn().mockResolvedValue(undefined),
      shortcut: jest.fn().mockResolvedValue(undefined),
      importFiles: jest.fn().mockResolvedValue(undefined),
      libraries: jest.fn().mockResolvedValue(undefined),
      download: jest.fn().mockResolvedValue(undefined)
    };
    const capture = { best: () => captured, cells: () => captured };
    addCommands({ context, opener, drafts, capture: capture as unknown as Capture });
  });
  afterEach(() => context.model.dispose());

  const edited = (): Draft => opener.edit.mock.calls.at(-1)![0];

  it('each say what they are, what they do and what they take', async () => {
    expect(commands.listCommands().sort()).toEqual(Object.values(CommandIDs).sort());
    context.selection.set(client.snippets[0]);
    for (const id of commands.listCommands()) {
      expect(commands.label(id)).not.toBe('');
      expect(commands.caption(id)).not.toBe('');
      expect(commands.label(id, { isPalette: true })).toMatch(/^Snippets: /);
      const { args } = await commands.describedBy(id);
      expect(args).toMatchObject({ type: 'object' });
      expect(args?.properties).toBeDefined();
    }
  });

  it('are about the snippet that is picked, or named', () => {
    expect(commands.isEnabled(CommandIDs.copy)).toBe(false);
    expect(commands.isEnabled(CommandIDs.copy, { id: 'a' })).toBe(true);
    context.selection.set(client.snippets[1]);
    expect(commands.isEnabled(CommandIDs.copy)).toBe(true);
    expect(commands.isEnabled(CommandIDs.edit)).toBe(false);
    expect(commands.isEnabled(CommandIDs.delete)).toBe(false);
    expect(commands.isEnabled(CommandIDs.history)).toBe(false);
    context.selection.set(client.snippets[0]);
    expect(commands.isEnabled(CommandIDs.edit)).toBe(true);
    expect(commands.caption(CommandIDs.edit)).toContain('Snippet a');
  });

  it.each([
    [{ id: 'a' }, 'Snippet a'],
    [{ id: 'Snippet b' }, 'Snippet b'],
    [{ name: 'Snippet a' }, 'Snippet a']
  ])('insert %j and count the use', async (args, name) => {
    await executeOwn(commands, CommandIDs.insert, args);
    expect(place.inserted).toEqual([name]);
    expect(client.marks).toEqual([[name.at(-1), { used: true, seen: true }]]);
  });

  it('insert what is beyond the pages that are known', async () => {
    client.snippets.push(snippet('far'));
    await executeOwn(commands, CommandIDs.insert, { id: 'far' });
    expect(place.inserted).toEqual(['Snippet far']);
  });

  it('count nothing when nothing was inserted, and say why nothing can be', async () => {
    place.enabled = false;
    expect(commands.isEnabled(CommandIDs.insert, { id: 'a' })).toBe(false);
    expect(commands.caption(CommandIDs.insert)).toBe('Open a notebook first');
    await expect(
      executeOwn(commands, CommandIDs.duplicate, { id: 'gone' })
    ).rejects.toBeInstanceOf(NotFound);
    expect(notified()[0]).toContain('There is no snippet "gone"');
    expect(client.marks).toEqual([]);
  });

  it('say so when nothing is picked', async () => {
    await expect(
      executeOwn(commands, CommandIDs.history, { id: '' })
    ).rejects.toBeInstanceOf(NotFound);
    expect(notified()[0]).toContain('No snippet is selected');
  });

  it('delete, and bring back', async () => {
    context.selection.set(client.snippets[0]);
    await executeOwn(commands, CommandIDs.delete);
    expect(client.snippets.map(one => one.id)).toEqual(['b']);
    expect(context.selection.active).toBeNull();
    const [note] = Notification.manager.notifications;
    expect(note.message).toBe('Deleted "Snippet a"');
    note.options.actions![0].callback(new MouseEvent('click'));
    await settled();
    expect(client.snippets.map(one => one.id)).toContain('a');
  });

  it('edit what may be written, and a copy of what may only be read', async () => {
    await executeOwn(commands, CommandIDs.edit, { id: 'a' });
    expect(edited().id).toBe('a');
    await executeOwn(commands, CommandIDs.edit, { id: 'b' });
    expect(edited().id).toBeNull();
    expect(edited().content).toMatchObject({ name: 'Snippet b (copy)', scope: 'mine' });
    opener.edit.mockClear();
    await executeOwn(commands, CommandIDs.edit, { draft: 'new:gone' });
    expect(opener.edit).not.toHaveBeenCalled();
    await executeOwn(commands, CommandIDs.edit, { draft: 'id:a' });
    expect(edited().id).toBe('a');
  });

  it('duplicate at once, or in the form', async () => {
    await executeOwn(commands, CommandIDs.duplicate, { id: 'b' });
    expect(client.snippets.at(-1)?.name).toBe('Snippet b (copy)');
    await executeOwn(commands, CommandIDs.duplicate, { id: 'b', edit: true });
    expect(edited().content.name).toBe('Snippet b (copy)');
    expect(copyName(context, 'x'.repeat(120)).length).toBeLessThanOrEqual(120);
  });

  it('make drafts of what is selected, and say when nothing is', async () => {
    await executeOwn(commands, CommandIDs.saveSelection);
    expect(edited().content.name).toBe('Taken');
    await executeOwn(commands, CommandIDs.saveCells);
    expect(opener.edit).toHaveBeenCalledTimes(2);
    captured = null;
    await executeOwn(commands, CommandIDs.saveCells);
    expect(opener.edit).toHaveBeenCalledTimes(2);
    expect(notified()[0]).toContain('Nothing is selected');
    await executeOwn(commands, CommandIDs.new, { draft: { name: 'Given' } });
    expect(edited().content.name).toBe('Given');
  });

  it('install what is missing, and run that', async () => {
    const ran = jest.fn();
    commands.addCommand('notebook:run-cell', { execute: ran });
    commands.addCommand('console:run-forced', { execute: ran });
    expect(commands.isEnabled(CommandIDs.installMissing)).toBe(false);
    await executeOwn(commands, CommandIDs.installMissing, { modules: ['sklearn'] });
    expect(place.code[0]).toContain('%pip install');
    place.kind = 'console';
    await executeOwn(commands, CommandIDs.installMissing, { modules: ['polars'] });
    expect(ran).toHaveBeenCalledTimes(2);
  });

  it('mark, order, refresh and open', async () => {
    await executeOwn(commands, CommandIDs.favourite, { id: 'a' });
    expect(client.marks).toEqual([['a', { favourite: true }]]);
    expect(commands.isToggled(CommandIDs.sort, { by: 'relevance' })).toBe(true);
    await executeOwn(commands, CommandIDs.sort, { by: 'name' });
    expect(context.preferences.values.sort).toBe('name');
    expect(commands.label(CommandIDs.sort, { by: 'position' })).toBe('My Order');
    const before = client.asked.length;
    await executeOwn(commands, CommandIDs.refresh);
    expect(client.asked.length).toBe(before + 1);
    await executeOwn(commands, CommandIDs.openPanel);
    expect(opener.panel).toHaveBeenCalled();
    await executeOwn(commands, CommandIDs.libraries);
    expect(opener.libraries).toHaveBeenCalled();
    await executeOwn(commands, CommandIDs.history, { id: 'a' });
    await executeOwn(commands, CommandIDs.shortcut, { id: 'a' });
    expect(opener.history.mock.calls[0][0].id).toBe('a');
    expect(opener.shortcut.mock.calls[0][0].id).toBe('a');
    expect(commands.isEnabled(CommandIDs.save)).toBe(false);
  });

  it('bring files in and out', async () => {
    const files = [{ name: 'f.json', content: '{}' }];
    await executeOwn(commands, CommandIDs.import, { files });
    expect(opener.importFiles).toHaveBeenCalledWith(
      { files, problems: [], leftOut: [] },
      false
    );
    await executeOwn(commands, CommandIDs.import, { folder: true });
    expect(opener.importFiles).toHaveBeenLastCalledWith(undefined, true);
    await executeOwn(commands, CommandIDs.export, { format: 'elyra' });
    context.selection.set(client.snippets[0]);
    await executeOwn(commands, CommandIDs.export, { selected: true });
    await executeOwn(commands, CommandIDs.download, { id: 'b' });
    expect(client.exported).toEqual([
      [[], 'elyra'],
      [['a'], 'code-snippets'],
      [['b'], 'code-snippets']
    ]);
    expect(opener.download).toHaveBeenCalledTimes(3);
  });
});
