/**
 * Code of a profile for the notebook: for a column, a value, a statistic, or what mends an alert.
 */
import type { CodeIn, Run } from '../schemas';
import type { IViewOptions } from './options';

/** What code is wanted for. */
export type Wanted = Pick<CodeIn, 'what'> & Partial<CodeIn>;

const IDENTIFIER = /^[\p{L}_][\p{L}\p{N}_]{0,127}$/u;
const FRAME = 'df';

/** Writes code where the person works. */
export class CodeWriter {
  constructor(options: IViewOptions) {
    this._options = options;
  }

  /** Insert code; what goes wrong is told to the person. */
  async insert(run: Run, wanted: Wanted): Promise<void> {
    const { client, insert, onError } = this._options;
    try {
      const parts = await Promise.all(
        this._wanted(run, wanted).map(one => client.code(run.id, one))
      );
      await insert(parts.map(part => part.code.trimEnd()).join('\n\n'));
      this._loaded = true;
    } catch (error) {
      onError(error);
    }
  }

  /**
   * When no kernel holds the table, the first code that is inserted begins with what loads it; the
   * next does not, for loading again would undo what was mended.
   */
  private _wanted(run: Run, wanted: Wanted): CodeIn[] {
    const known = this._options.frame();
    const inKernel = run.source.kind === 'frame';
    const name = inKernel ? (run.source.name ?? '') : FRAME;
    const frame = known?.name ?? (IDENTIFIER.test(name) ? name : FRAME);
    const shared = { frame, dialect: known?.dialect ?? 'pandas' };
    const asked = { ...shared, ...wanted };
    return known || inKernel || this._loaded || wanted.what === 'load'
      ? [asked]
      : [{ ...shared, what: 'load' }, asked];
  }

  private readonly _options: IViewOptions;
  private _loaded = false;
}
