import {
  comparisonOf,
  createSelection,
  findItem,
  frameItem,
  nameOfItem,
  runItem,
  sourceItem,
  sourceKey,
  sourceOfItem,
  timeOfItem
} from '../../src/eda/selection';
import { createFixture, frame, run, source } from './fixtures';

const wine = sourceItem(source('wine.csv'));
const report = runItem(run(1));

describe('what is selected', () => {
  it('tells items of all kinds apart, and tables of one database', () => {
    const selection = createSelection();
    selection.set(wine);
    selection.toggle(report);
    selection.toggle(frameItem(frame('df')));
    expect(selection.items).toHaveLength(3);
    const keys = ['a', 'b'].map(table =>
      sourceKey(source('shop', { kind: 'table', table }))
    );
    expect(keys[0]).not.toBe(keys[1]);
  });

  it('is renewed from the lists, and gone when it is gone', async () => {
    const { client, context, frames, model } = createFixture();
    const { selection } = context;
    client.sourceList = [source('wine.csv')];
    client.runList = [run(1)];
    frames.items = [frame('df', { rows: 12 })];
    await model.refresh();
    selection.set(wine);
    selection.toggle(report);
    selection.toggle(frameItem(frame('df')));
    client.runList = [run(1, { alerts: 5 })];
    await model.refresh();
    expect(selection.items[1]).toEqual(runItem(run(1, { alerts: 5 })));
    expect(findItem(selection.keys[2], model, frames)).toEqual(
      frameItem(frame('df', { rows: 12 }))
    );
    client.runList = [];
    await model.refresh();
    expect(selection.items.map(({ kind }) => kind)).toEqual(['source', 'frame']);
    model.dispose();
  });

  it('stands for a source, has a name and a time', () => {
    const df = frameItem(frame('df'));
    expect(sourceOfItem(df)).toMatchObject({ kind: 'frame', name: 'df' });
    expect(sourceOfItem(wine)).toEqual({
      kind: 'file',
      location: 'data/wine.csv',
      table: '',
      sheet: '',
      name: 'wine.csv',
      reading: null
    });
    expect(sourceOfItem(report).name).toBe('wine.parquet');
    expect([df, wine, report].map(nameOfItem)).toEqual([
      'df',
      'wine.csv',
      'wine.parquet'
    ]);
    expect(timeOfItem(df)).toBe(Infinity);
    expect(timeOfItem(wine)).toBeLessThan(timeOfItem(report)!);
    expect(timeOfItem(sourceItem(source('x', { changed: null })))).toBeNull();
  });
});

describe('two selected items', () => {
  const older = run(1, { created: '2026-01-01T00:00:00Z' });
  const newer = run(2, { created: '2026-01-08T00:00:00Z' });

  it('are compared as sources, the older as the reference', () => {
    const [a, b] = ['2025-01-01', '2026-01-01'].map(day =>
      sourceItem(source(`${day}.csv`, { changed: `${day}T00:00:00Z` }))
    );
    expect(comparisonOf([b, a])).toEqual({ kind: 'sources', older: a, newer: b });
    expect(comparisonOf([a, b])).toEqual({ kind: 'sources', older: a, newer: b });
  });

  it('are compared in the order of selection where the times do not tell', () => {
    const [a, b] = ['a.csv', 'b.csv'].map(name =>
      sourceItem(source(name, { changed: null }))
    );
    expect(comparisonOf([b, a])).toEqual({ kind: 'sources', older: b, newer: a });
  });

  it('of one source are compared as stored profiles, or with the data as they are now', () => {
    expect(comparisonOf([runItem(newer), runItem(older)])).toEqual({
      kind: 'profiles',
      older,
      newer
    });
    const now = sourceItem(
      source('', { ...older.source, changed: '2026-02-01T00:00:00Z' })
    );
    expect(comparisonOf([now, runItem(older)])).toEqual({
      kind: 'now',
      profile: older
    });
  });

  it('cannot be compared with themselves, without a profile, or by one or three', () => {
    expect(comparisonOf([wine, wine])).toBeNull();
    const checks = runItem({ ...older, task: 'checks' });
    expect(comparisonOf([checks, runItem(newer)])).toBeNull();
    expect(comparisonOf([wine])).toBeNull();
    expect(comparisonOf([wine, report, wine])).toBeNull();
  });
});
