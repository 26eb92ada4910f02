import {
  bytes,
  compact,
  duration,
  ends,
  exact,
  moment,
  number,
  points,
  share,
  shown,
  whole
} from '../../../src/eda/view/format';

beforeEach(() => {
  document.documentElement.lang = 'en';
});

describe('format', () => {
  it.each([
    [0, '0%'],
    [1e-6, '< 0.1%'],
    [0.0712, '7.1%'],
    [0.5, '50%'],
    [0.99999, '> 99.9%'],
    [1, '100%']
  ])('never rounds the share %d to none or to all', (value, text) => {
    expect(share(value)).toBe(text);
  });

  it.each([
    [0, '0'],
    [12, '12'],
    [1_234_567, '1,234,567'],
    [3.14159265, '3.142'],
    [12.3456, '12.35'],
    [12_345.678, '12,345.7'],
    [0.000012345, '1.235E-5'],
    [1e308, '1E308'],
    [-2.5, '-2.5']
  ])('writes the number %d for a table', (value, text) => {
    expect(number(value)).toBe(text);
  });

  it('keeps every digit for the tooltip', () => {
    expect(exact(0.1 + 0.2)).toBe('0.30000000000000004');
  });

  it('shortens large counts only', () => {
    expect([compact(9_999), compact(12_345), compact(6e6)]).toEqual([
      '9,999',
      '12.3K',
      '6M'
    ]);
    expect(whole(6_000_000)).toBe('6,000,000');
  });

  it('gives sizes and times units', () => {
    expect([bytes(0), bytes(999), bytes(123_456_789)]).toEqual([
      '0 bytes',
      '999 bytes',
      '123 MB'
    ]);
    expect([duration(0.0032), duration(61), duration(86_400 * 2)]).toEqual([
      '3.2 ms',
      '1.02 min',
      '2 days'
    ]);
    expect(points(0.00098)).toBe('0.098');
  });

  it('tells times as finely as the span asks for', () => {
    const april = Date.UTC(1912, 3, 14) / 1_000;
    expect(moment(april, 20 * 365 * 86_400)).toBe('Apr 1912');
    expect(moment(april, 30 * 86_400)).toBe('Apr 14, 1912');
    expect(moment(april, 60)).toMatch(/4\/14\/12, 12:00:00/);
    expect(moment(1e300, 1)).toBe('1E300');
  });

  it('has one notation on both sides of a power, and digits that tell the ends apart', () => {
    const integers = { type: 'integer' };
    expect(number(999_999_999.999_999)).toBe(number(1e9));
    expect(number(-999_999_999.999_999)).toBe(number(-1e9));
    const [from, to] = ends({ type: 'float' }, 1e9 - 1e-6, 1e9 + 1e-6);
    expect(from).not.toBe(to);
    expect([from, to].map(text => text.includes('E'))).toEqual([false, false]);
    expect(ends(integers, 1, 2)).toEqual(['1', '2']);
    expect(ends(integers, 5, 5)).toEqual(['5', '5']);
    expect(ends({ type: 'text' }, null, 'b')).toEqual(['null', 'b']);
  });

  it('makes what cannot be seen in a value visible', () => {
    expect(shown('a\nb\tc')).toBe('a↵b⇥c');
    expect(shown('  ')).toBe('"  "');
    expect(shown('\u202Efdp.exe')).toBe('⟨202E⟩fdp.exe');
    expect(shown('a\u0007')).toBe('a⟨0007⟩');
    expect([shown(true), shown(null), shown(1.5)]).toEqual(['true', 'null', '1.5']);
  });

  it('speaks the language of the lab, and the browser’s when that is no language', () => {
    document.documentElement.lang = 'de';
    expect(whole(1_234)).toBe('1.234');
    document.documentElement.lang = 'not a language';
    expect(whole(1_234)).toMatch(/1.?234/);
  });
});
