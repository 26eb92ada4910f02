import { strFromU8, unzipSync } from 'fflate';

import { download } from '../../../src/snippets/transfer/download';

describe('download', () => {
  const saved: { name: string; blob: Blob }[] = [];
  let blobs: Blob[];

  beforeEach(() => {
    jest.useFakeTimers();
    saved.length = 0;
    blobs = [];
    URL.createObjectURL = jest.fn(blob => `blob:${blobs.push(blob as Blob) - 1}`);
    URL.revokeObjectURL = jest.fn();
    jest.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
      this: HTMLAnchorElement
    ) {
      saved.push({ name: this.download, blob: blobs[Number(this.href.split(':')[1])] });
    });
  });
  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  const bytes = (blob: Blob): Promise<Uint8Array> =>
    new Promise(resolve => {
      const reader = new FileReader();
      reader.onload = () => resolve(new Uint8Array(reader.result as ArrayBuffer));
      reader.readAsArrayBuffer(blob);
    });

  it('saves one file as it is, whatever its folder', () => {
    download([{ name: '../up/one.json', content: '{}' }]);
    expect(saved.map(({ name }) => name)).toEqual(['one.json']);
    jest.runAllTimers();
    expect(URL.revokeObjectURL).toHaveBeenCalledWith('blob:0');
  });

  it('saves several files in one archive', async () => {
    download([
      { name: 'one.json', content: '{"é": 1}' },
      { name: 'two.json', content: '[]' }
    ]);
    expect(saved.map(({ name }) => name)).toEqual(['snippets.zip']);
    jest.useRealTimers();
    const entries = unzipSync(await bytes(saved[0].blob));
    const texts = Object.entries(entries).map(([name, text]) => [
      name,
      strFromU8(text)
    ]);
    expect(texts).toEqual([
      ['one.json', '{"é": 1}'],
      ['two.json', '[]']
    ]);
  });

  it('saves nothing when there is nothing', () => {
    download([]);
    expect(saved).toEqual([]);
  });
});
