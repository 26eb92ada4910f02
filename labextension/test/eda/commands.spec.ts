import { Clipboard, Dialog, Notification } from '@jupyterlab/apputils';
import { dismissDialog } from '@jupyterlab/testing';
import type { CommandRegistry } from '@lumino/commands';

import { executeOwn } from '../../src/base/registry';
import { addCommands, CommandIDs } from '../../src/eda/commands';
import type { IOpener } from '../../src/eda/context';
import {
  addFileCommands,
  addFrameCommands,
  IntegrationIDs
} from '../../src/eda/integrations';
import { frameItem, runItem, sourceItem } from '../../src/eda/selection';
import { sourceArgument } from '../../src/eda/source';
import { UNKNOWN } from '../../src/eda/readingoptions';
import {
  createFixture,
  frame,
  idOf,
  run,
  settled,
  source,
  type IFixture
} from './fixtures';

let all: IFixture;
let commands: CommandRegistry;
let opener: jest.Mocked<IOpener>;
let files: { name: string; path: string; type: string; last_modified: string }[];

const file = (name: string, day: number, type = 'file') => ({
  name,
  path: `RTC:data/${name}`,
  type,
  last_modified: `2026-01-0${day}T00:00:00Z`
});
const notified = (): string[] =>
  Notification.manager.notifications.map(({ message }) => message);
const lastRun = () => all.client.started.at(-1)!;

beforeEach(async () => {
  Notification.dismiss();
  all = createFixture();
  ({ opener } = all);
  ({ commands } = all.context);
  files = [];
  addCommands(all.context);
  addFileCommands(all.context, () => files);
  addFrameCommands(all.context);
  all.client.runList = [run(1), run(2, { created: '2026-11-20T00:00:00Z' })];
  await all.model.refresh();
});

afterEach(() => all.model.dispose());

describe('the commands', () => {
  it('each say what they are, what they do and what they take', async () => {
    all.context.selection.set(runItem(run(1)));
    for (const id of commands.listCommands()) {
      expect(commands.label(id)).not.toBe('');
      expect(commands.caption(id)).not.toBe('');
      expect((await commands.describedBy(id)).args).toMatchObject({ type: 'object' });
    }
    for (const id of Object.values(CommandIDs)) {
      expect(commands.hasCommand(id)).toBe(true);
    }
  });

  it('begin a profile of what is given or picked, and show it', async () => {
    expect(commands.isEnabled(CommandIDs.profile)).toBe(false);
    await expect(executeOwn(commands, CommandIDs.profile)).rejects.toThrow(
      'Nothing is selected'
    );
    expect(notified()[0]).toContain('Nothing is selected');
    await executeOwn(commands, CommandIDs.profile, {
      source: { kind: 'lake', location: 'raw/wine.parquet' },
      options: { seconds: 5 }
    });
    expect(lastRun()).toMatchObject({
      task: 'profile',
      source: { kind: 'lake', name: 'wine.parquet' },
      options: { seconds: 5, nulls: 'skip' }
    });
    expect(opener.open).toHaveBeenCalledWith(idOf(101), expect.anything());
    all.context.selection.set(sourceItem(source('beer.csv')));
    expect(commands.caption(CommandIDs.profile)).toContain('beer.csv');
    await executeOwn(commands, CommandIDs.profile);
    expect(lastRun().source.location).toBe('data/beer.csv');
  });

  it('ask first, with the columns that are known, and make the full report too', async () => {
    all.client.names = ['a', 'b'];
    await executeOwn(commands, CommandIDs.new);
    expect(opener.ask).toHaveBeenLastCalledWith(null, UNKNOWN, expect.anything());
    expect(all.client.started).toEqual([]);
    const wine = source('wine.csv', { run: idOf(1) });
    all.context.selection.set(sourceItem(wine));
    const chosen = { source: wine, options: run(1).options, full: true };
    opener.ask.mockImplementation(async (_source, _names, start) => {
      await start(chosen);
      return true;
    });
    await executeOwn(commands, CommandIDs.profileWith);
    expect(opener.ask.mock.calls.at(-1)![1].names).toEqual(['a', 'b']);
    expect(all.client.started.map(({ task }) => task)).toEqual(['profile', 'report']);
    expect(lastRun().options?.seconds).toBeGreaterThanOrEqual(900);
    expect(lastRun().parent).toBe(idOf(101));
  });

  it('compare two that are picked, the older as the reference', async () => {
    const { selection } = all.context;
    const older = sourceItem(source('old.csv', { changed: '2025-01-01T00:00:00Z' }));
    selection.set(sourceItem(source('new.csv')));
    expect(commands.isEnabled(CommandIDs.compare)).toBe(false);
    expect(commands.caption(CommandIDs.compare)).toContain('Select two');
    selection.toggle(older);
    expect(commands.isEnabled(CommandIDs.compare)).toBe(true);
    expect(commands.caption(CommandIDs.compare)).toContain('"old.csv" to "new.csv"');
    await executeOwn(commands, CommandIDs.compare);
    expect(lastRun()).toMatchObject({
      task: 'comparison',
      source: { name: 'new.csv' },
      against: { name: 'old.csv' }
    });
  });

  it('compare two that are named, whatever is picked', async () => {
    const newer = sourceArgument(source('new.csv'));
    const against = sourceArgument(source('old.csv'));
    await executeOwn(commands, CommandIDs.compare, { source: newer, against });
    expect(lastRun()).toMatchObject({
      task: 'comparison',
      source: { name: 'new.csv' },
      against: { name: 'old.csv' }
    });
    await expect(
      executeOwn(commands, CommandIDs.compare, { source: newer })
    ).rejects.toThrow('Comparing takes two sources');
    expect(all.client.started).toHaveLength(1);
    expect(notified()[0]).toContain('Comparing takes two sources');
  });

  it('hand a dataframe over to compare it, and compare nothing with itself', async () => {
    const { selection } = all.context;
    all.frames.items = [frame('df')];
    selection.set(frameItem(frame('df')));
    selection.toggle(sourceItem(source('old.csv', { changed: null })));
    await executeOwn(commands, CommandIDs.compare);
    expect(all.frames.handed).toEqual(['df']);
    expect(lastRun().against ?? lastRun().source).toBeDefined();
    expect([lastRun().source.location, lastRun().against?.location]).toContain(
      idOf(901)
    );
    selection.set(sourceItem(source('old.csv')));
    selection.toggle(sourceItem(source('old.csv')));
    expect(commands.isEnabled(CommandIDs.compare)).toBe(false);
  });

  it('insert code that loads what is picked, and copy where it is', async () => {
    const { selection } = all.context;
    all.frames.items = [frame('df')];
    selection.set(frameItem(frame('df')));
    expect(commands.isEnabled(CommandIDs.load)).toBe(false);
    expect(commands.isEnabled(CommandIDs.copyPath)).toBe(false);
    selection.set(sourceItem(source('old.csv', { kind: 'lake' })));
    await executeOwn(commands, CommandIDs.load);
    expect(opener.insert).toHaveBeenLastCalledWith('load lake data/old.csv');
    const copied = jest.spyOn(Clipboard, 'copyToSystem').mockImplementation();
    await executeOwn(commands, CommandIDs.copyPath);
    expect(copied).toHaveBeenLastCalledWith('lake://data/old.csv');
    await executeOwn(commands, CommandIDs.copyPath, {
      source: { kind: 'table', location: '${DB}', table: 'sales' }
    });
    expect(copied).toHaveBeenLastCalledWith('${DB}#sales');
    files = [file('a.csv', 1)];
    await executeOwn(commands, IntegrationIDs.loadFile);
    expect(opener.insert).toHaveBeenLastCalledWith('load file data/a.csv');
  });

  it('compare what a profile kept with the data as they are now', async () => {
    const { selection } = all.context;
    const older = run(1, { created: '2026-01-01T00:00:00Z' });
    const changed = '2026-01-08T00:00:00Z';
    selection.set(sourceItem(source('', { ...older.source, changed })));
    selection.toggle(runItem(older));
    expect(commands.isEnabled(CommandIDs.compare)).toBe(true);
    expect(commands.label(CommandIDs.compare)).toBe('Compare with Now');
    await executeOwn(commands, CommandIDs.compare);
    const kept = { task: 'comparison', source: older.source, parent: older.id };
    expect(lastRun()).toMatchObject({ ...kept, against: null });
    all.client.runList.push(older);
    selection.set(runItem(older));
    await executeOwn(commands, CommandIDs.compareNow);
    expect(lastRun()).toMatchObject({ ...kept, against: null });
    // Once more is the same again: the name that the server gave the older side is no source.
    const done = run(3, {
      task: 'comparison',
      parent: older.id,
      against: older.source
    });
    selection.set(runItem(done));
    expect(commands.isEnabled(CommandIDs.compareNow)).toBe(false);
    all.client.runList.push(done);
    await executeOwn(commands, CommandIDs.rerun);
    expect(lastRun()).toMatchObject({ ...kept, against: null });
  });

  it('compare what two profiles of one source kept', async () => {
    const { selection } = all.context;
    const older = run(1, { created: '2026-01-01T00:00:00Z' });
    const newer = run(2, { source: older.source, created: '2026-01-08T00:00:00Z' });
    selection.set(runItem(newer));
    selection.toggle(runItem(older));
    expect(commands.label(CommandIDs.compare)).toBe('Compare the Two');
    expect(commands.caption(CommandIDs.compare)).toContain('both profiles');
    await executeOwn(commands, CommandIDs.compare);
    const kept = { task: 'comparison', source: older.source, against: null };
    expect(lastRun()).toMatchObject({ ...kept, parent: older.id, newer: newer.id });
    const done = run(3, {
      task: 'comparison',
      against: older.source,
      parent: older.id,
      newer: newer.id
    });
    all.client.runList.push(done);
    selection.set(runItem(done));
    await executeOwn(commands, CommandIDs.rerun);
    expect(lastRun()).toMatchObject({ ...kept, parent: older.id, newer: newer.id });
  });

  it('open, run again and report on a run', async () => {
    expect(commands.isEnabled(CommandIDs.open)).toBe(false);
    await executeOwn(commands, CommandIDs.open, { id: idOf(7) });
    expect(opener.open).toHaveBeenLastCalledWith(idOf(7), undefined);
    all.context.selection.set(runItem(run(1)));
    await executeOwn(commands, CommandIDs.open);
    expect(opener.open).toHaveBeenLastCalledWith(idOf(1), expect.anything());
    await executeOwn(commands, CommandIDs.rerun);
    expect(lastRun()).toMatchObject({
      task: 'profile',
      source: { name: 'wine.parquet' }
    });
    expect(commands.isEnabled(CommandIDs.fullReport)).toBe(true);
    await executeOwn(commands, CommandIDs.fullReport);
    expect(lastRun()).toMatchObject({ task: 'report', parent: idOf(1) });
  });

  it('cancel what goes on, and nothing else', async () => {
    all.client.runList.unshift(run(9, { state: 'running' }));
    await all.model.refresh();
    expect(commands.isEnabled(CommandIDs.cancel, { id: idOf(9) })).toBe(true);
    expect(commands.isEnabled(CommandIDs.cancel, { id: idOf(1) })).toBe(false);
    expect(commands.isEnabled(CommandIDs.download, { id: idOf(9) })).toBe(false);
    await executeOwn(commands, CommandIDs.cancel, { id: idOf(9) });
    expect(all.model.find(idOf(9))?.state).toBe('cancelled');
  });

  it('delete all that is picked once the person has agreed', async () => {
    const { selection } = all.context;
    selection.set(runItem(run(1)));
    selection.toggle(runItem(run(2)));
    selection.toggle(sourceItem(source('wine.csv')));
    let deleting = executeOwn(commands, CommandIDs.delete);
    await dismissDialog();
    await deleting;
    expect(all.model.runs.items).toHaveLength(2);
    deleting = executeOwn(commands, CommandIDs.delete);
    await settled();
    expect(document.querySelector('.jp-Dialog')?.textContent).toContain('2 reports');
    document.querySelector<HTMLElement>('.jp-Dialog .jp-mod-accept')!.click();
    await deleting;
    expect(all.model.runs.items.map(({ id }) => id)).toEqual([]);
    Dialog.flush();
  });

  it('download as what is asked for', async () => {
    URL.createObjectURL = jest.fn(() => 'blob:x');
    const clicked = jest
      .spyOn(HTMLAnchorElement.prototype, 'click')
      .mockImplementation();
    await executeOwn(commands, CommandIDs.download, {
      id: idOf(1),
      format: 'markdown'
    });
    await executeOwn(commands, CommandIDs.download, { id: idOf(1) });
    expect(all.client.reported).toEqual([
      [idOf(1), 'markdown'],
      [idOf(1), 'html']
    ]);
    await expect(
      executeOwn(commands, CommandIDs.download, { id: idOf(1), format: 'exe' })
    ).rejects.toThrow('format');
    expect(clicked).toHaveBeenCalledTimes(2);
    clicked.mockRestore();
  });

  it('look again, and show the panel', async () => {
    await executeOwn(commands, CommandIDs.refresh);
    expect(all.frames.refreshed).toBe(1);
    await executeOwn(commands, CommandIDs.openPanel);
    expect(opener.panel).toHaveBeenCalled();
  });
});

describe('the files of the browser', () => {
  it.each([
    ['wine.csv', true],
    ['WINE.CSV.GZ', true],
    ['wine.parquet', true],
    ['wine.xlsx', true],
    ['wine.arrow', true],
    ['wine.ndjson', true],
    ['wine.py', false],
    ['csv', false]
  ])('are profiled by their kind: %s', async (name, yes) => {
    files = [file(name, 1)];
    expect(commands.isEnabled('eda:profile-file')).toBe(yes);
    expect(commands.isEnabled('eda:compare-files')).toBe(false);
    await executeOwn(commands, 'eda:profile-file');
    expect(all.client.started.map(({ source: { location } }) => location)).toEqual(
      yes ? [`data/${name}`] : []
    );
  });

  it('are compared in the order of their time', async () => {
    files = [file('b.csv', 2), file('a.csv', 1)];
    expect(commands.isEnabled('eda:profile-file')).toBe(false);
    expect(commands.isEnabled('eda:compare-files')).toBe(true);
    await executeOwn(commands, 'eda:compare-files');
    expect(lastRun()).toMatchObject({
      source: { name: 'b.csv' },
      against: { name: 'a.csv' }
    });
    files = [file('b.csv', 2), file('a', 1, 'directory')];
    expect(commands.isEnabled('eda:compare-files')).toBe(false);
  });

  it('may be named by their paths', async () => {
    await executeOwn(commands, 'eda:profile-file', { paths: ['x/y.tsv'] });
    expect(lastRun().source).toMatchObject({ location: 'x/y.tsv', name: 'y.tsv' });
  });
});

describe('the dataframes of the kernel', () => {
  it('are profiled by name, or the newest', async () => {
    expect(commands.isEnabled('eda:profile-frame')).toBe(false);
    all.frames.items = [frame('new'), frame('old')];
    expect(commands.label('eda:profile-frame')).toBe('Profile new');
    expect(commands.label('eda:profile-frame', { isPalette: true })).toBe(
      'Auto-EDA: Profile Dataframe'
    );
    await executeOwn(commands, 'eda:profile-frame');
    await executeOwn(commands, 'eda:profile-frame', { name: 'old' });
    expect(all.frames.handed).toEqual(['new', 'old']);
    expect(lastRun().source).toMatchObject({
      kind: 'frame',
      location: idOf(902),
      name: 'old'
    });
  });

  it('are profiled from the cell that shows one', async () => {
    expect(commands.isEnabled('eda:profile-output')).toBe(false);
    expect(commands.isVisible('eda:profile-output')).toBe(true);
    expect(commands.isVisible('eda:profile-output', { isToolbar: true })).toBe(false);
    all.frames.inside = 'df';
    expect(commands.isVisible('eda:profile-output', { isToolbar: true })).toBe(true);
    expect(commands.label('eda:profile-output')).toBe('Profile df');
    await executeOwn(commands, 'eda:profile-output');
    expect(all.frames.handed).toEqual(['df']);
  });

  it('say what to do when the kernel cannot hand one over', async () => {
    all.frames.answers = false;
    await expect(
      executeOwn(commands, 'eda:profile-frame', { name: 'df' })
    ).rejects.toThrow('df could not be handed over');
    expect(notified()[0]).toContain('df could not be handed over');
    expect(all.client.started).toEqual([]);
  });
});
