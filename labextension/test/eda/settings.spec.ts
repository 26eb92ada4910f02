import { DEFAULT_SETTINGS, optionsOf } from '../../src/eda/settings';
import { DEFAULTS } from '../../src/eda/source';

describe('the settings', () => {
  it('give the options of a run, and the defaults where they make no sense', () => {
    expect(optionsOf(DEFAULT_SETTINGS)).toEqual(DEFAULTS);
    expect(optionsOf({ ...DEFAULT_SETTINGS, seconds: 5, nulls: 'mean' })).toMatchObject(
      {
        seconds: 5,
        nulls: 'mean'
      }
    );
    const wrong = { ...DEFAULT_SETTINGS, seconds: 'soon', nulls: 'zero' };
    expect(optionsOf(wrong as never)).toEqual(DEFAULTS);
  });
});
