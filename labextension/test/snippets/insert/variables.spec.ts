import { VARIABLES } from '../../../src/snippets/body/expand';
import {
  commentsOf,
  resolver,
  type ISurroundings
} from '../../../src/snippets/insert/variables';

function place(more: Partial<ISurroundings> = {}): ISurroundings {
  return {
    path: 'work/my.analysis.ipynb',
    language: 'python',
    selection: 'a + b',
    line: 'x = a + b',
    word: 'x',
    lineIndex: 4,
    world: {
      project: 'sample',
      lake: 'sample/lake',
      user: 'ada',
      mlflowTrackingUri: 'http://127.0.0.1:5000'
    },
    now: new Date(2026, 2, 5, 7, 8, 9),
    ...more
  };
}

describe('resolver', () => {
  it.each([
    ['SELECTION', 'a + b'],
    ['TM_SELECTED_TEXT', 'a + b'],
    ['TM_CURRENT_LINE', 'x = a + b'],
    ['TM_CURRENT_WORD', 'x'],
    ['TM_LINE_INDEX', '4'],
    ['TM_LINE_NUMBER', '5'],
    ['TM_FILENAME', 'my.analysis.ipynb'],
    ['TM_FILENAME_BASE', 'my.analysis'],
    ['TM_DIRECTORY', '.'],
    ['TM_FILEPATH', 'my.analysis.ipynb'],
    ['RELATIVE_FILEPATH', 'my.analysis.ipynb'],
    ['WORKSPACE_FOLDER', '.'],
    ['WORKSPACE_NAME', 'work'],
    ['CURSOR_INDEX', '0'],
    ['CURSOR_NUMBER', '1'],
    ['CURRENT_YEAR', '2026'],
    ['CURRENT_YEAR_SHORT', '26'],
    ['CURRENT_MONTH', '03'],
    ['CURRENT_MONTH_NAME', 'March'],
    ['CURRENT_MONTH_NAME_SHORT', 'Mar'],
    ['CURRENT_DATE', '05'],
    ['CURRENT_DAY_NAME', 'Thursday'],
    ['CURRENT_DAY_NAME_SHORT', 'Thu'],
    ['CURRENT_HOUR', '07'],
    ['CURRENT_MINUTE', '08'],
    ['CURRENT_SECOND', '09'],
    ['LINE_COMMENT', '#'],
    ['BLOCK_COMMENT_START', '"""'],
    ['BLOCK_COMMENT_END', '"""'],
    ['PROJECT', 'sample'],
    ['LAKE', '../sample/lake'],
    ['USER', 'ada'],
    ['MLFLOW_TRACKING_URI', 'http://127.0.0.1:5000'],
    ['CLIPBOARD', '']
  ])('%s is %s', (name, value) => {
    expect(resolver(place())(name, false)).toBe(value);
  });

  it('makes numbers, identifiers and times of their forms', () => {
    const resolve = resolver(place());
    expect(resolve('RANDOM', false)).toMatch(/^\d{6}$/);
    expect(resolve('RANDOM_HEX', false)).toMatch(/^[0-9a-f]{6}$/);
    expect(resolve('UUID', false)).toMatch(
      /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
    );
    expect(resolve('UUID', false)).not.toBe(resolve('UUID', false));
    expect(resolve('CURRENT_SECONDS_UNIX', false)).toMatch(/^\d{10}$/);
    expect(resolve('CURRENT_TIMEZONE_OFFSET', false)).toMatch(/^[+-]\d\d:\d\d$/);
  });

  it('writes the zone with its sign', () => {
    const zone = (offset: number) => {
      const now = new Date(2026, 0, 1);
      now.getTimezoneOffset = () => offset;
      return resolver(place({ now }))('CURRENT_TIMEZONE_OFFSET', false);
    };
    expect(zone(-330)).toBe('+05:30');
    expect(zone(210)).toBe('-03:30');
  });

  it('knows every variable of the table, and no other', () => {
    const resolve = resolver(place());
    for (const name of VARIABLES) {
      expect([name, resolve(name, false)]).not.toEqual([name, undefined]);
    }
    expect(resolve('toString', false)).toBeUndefined();
    expect(resolve('NOTHING', false)).toBeUndefined();
  });

  it('offers the dataframes there are, and the usual name when there is none', () => {
    const frames = resolver(place({ dataframes: ['sales', 'df'] }));
    expect(frames('DATAFRAME', false)).toEqual(['sales', 'df']);
    expect(resolver(place())('DATAFRAME', false)).toBe('df');
    expect(resolver(place())('DATAFRAME', true)).toEqual([]);
  });

  it('leaves the name of a drive and a file without folder alone', () => {
    const shared = resolver(place({ path: 'RTC:a/b.py' }));
    expect(shared('TM_FILEPATH', false)).toBe('b.py');
    const bare = resolver(place({ path: '.bashrc' }));
    expect(bare('TM_FILENAME_BASE', false)).toBe('.bashrc');
    expect(bare('WORKSPACE_NAME', false)).toBe('sample');
  });

  it('gives the clipboard when it was read', () => {
    expect(resolver(place({ clipboard: 'copied' }))('CLIPBOARD', false)).toBe('copied');
  });
});

describe('commentsOf', () => {
  it.each([
    ['markdown', ['', '<!--', '-->']],
    ['SQL', ['--', '/*', '*/']],
    ['nothing known', ['#', '', '']]
  ])('%s', (language, comments) => {
    expect(commentsOf(language)).toEqual(comments);
  });
});
