import { CodeInserter } from '../../../src/eda/view/codeinsert';
import { run, world } from './fixtures';

describe('CodeInserter', () => {
  it('names the variable that holds the table', async () => {
    const around = world();
    await new CodeInserter(around).insert(run(), {
      what: 'statistic',
      statistic: 'mean',
      column: 1
    });
    expect(around.inserted).toEqual(['wines # statistic mean']);
    expect(around.client.coded[0]).toMatchObject({ dialect: 'pandas', column: 1 });
  });

  it('loads the table first when no kernel holds it', async () => {
    const around = world();
    around.frame = () => null;
    await new CodeInserter(around).insert(run(), { what: 'fix', alert: 'missing:0' });
    expect(around.inserted).toEqual(['df # load\n\ndf # fix missing:0']);
  });

  it('loads nothing twice, which would undo what was mended', async () => {
    const around = world();
    around.frame = () => null;
    const writer = new CodeInserter(around);
    await writer.insert(run(), { what: 'load' });
    await writer.insert(run(), { what: 'fix', alert: 'missing:0' });
    expect(around.inserted).toEqual(['df # load', 'df # fix missing:0']);
  });

  it('trusts the name of a frame that was profiled in a kernel', async () => {
    const around = world();
    around.frame = () => null;
    const source = { ...run().source, kind: 'frame' as const, name: 'größe' };
    await new CodeInserter(around).insert(run({ source }), {
      what: 'column',
      column: 0
    });
    expect(around.inserted).toEqual(['größe # column']);
  });

  it('writes no name that is none into code', async () => {
    const around = world();
    around.frame = () => null;
    const source = { ...run().source, kind: 'frame' as const, name: 'df; import os' };
    await new CodeInserter(around).insert(run({ source }), {
      what: 'column',
      column: 0
    });
    expect(around.client.coded[0].frame).toBe('df');
  });

  it('tells the person what went wrong', async () => {
    const around = world();
    const refusal = new Error('no notebook');
    around.insert = () => {
      throw refusal;
    };
    await new CodeInserter(around).insert(run(), { what: 'load' });
    expect(around.errors).toEqual([refusal]);
  });
});
