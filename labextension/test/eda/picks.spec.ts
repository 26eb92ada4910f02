import {
  nameOfPick,
  pickFrame,
  pickRun,
  Picks,
  pickSource,
  sourceOfPick,
  timeOf
} from '../../src/eda/picks';
import { frame, run, source } from './fixtures';

const one = pickSource(source('wine.csv'));
const other = pickRun(run(1));

describe('what is picked', () => {
  it('is one, several in their order, or none', () => {
    const picks = new Picks();
    let told = 0;
    picks.changed.connect(() => (told += 1));
    expect(picks.active).toBeNull();
    picks.set(one);
    picks.toggle(other);
    expect(picks.all).toEqual([one, other]);
    expect(picks.active).toBe(other);
    expect(picks.has(one.key)).toBe(true);
    picks.toggle(one);
    expect(picks.all).toEqual([other]);
    picks.set(null);
    expect(picks.all).toEqual([]);
    expect(told).toBe(4);
  });

  it('is renewed, and gone when it is gone', () => {
    const picks = new Picks();
    picks.set(one);
    picks.toggle(other);
    let told = 0;
    picks.changed.connect(() => (told += 1));
    const later = pickRun(run(1, { alerts: 5 }));
    picks.renew([one, later]);
    expect(picks.active).toBe(later);
    expect(told).toBe(0);
    picks.renew([one]);
    expect(picks.all).toEqual([one]);
    expect(told).toBe(1);
  });

  it('tells sources of one name apart', () => {
    const tables = ['a', 'b'].map(table =>
      pickSource(source('shop', { kind: 'table', table }))
    );
    expect(tables[0].key).not.toBe(tables[1].key);
  });

  it('stands for a source, has a name and a time', () => {
    const df = pickFrame(frame('df'));
    expect(sourceOfPick(df)).toMatchObject({ kind: 'frame', name: 'df' });
    expect(sourceOfPick(one)).toEqual({
      kind: 'file',
      location: 'data/wine.csv',
      table: '',
      sheet: '',
      name: 'wine.csv'
    });
    expect(sourceOfPick(other).name).toBe('wine.parquet');
    expect([df, one, other].map(nameOfPick)).toEqual([
      'df',
      'wine.csv',
      'wine.parquet'
    ]);
    expect(timeOf(df)).toBe(Infinity);
    expect(timeOf(one)).toBeLessThan(timeOf(other)!);
    expect(timeOf(pickSource(source('x', { changed: null })))).toBeNull();
  });
});
