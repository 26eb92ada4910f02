/**
 * Code of a profile for the notebook: for a column, a value, a statistic, or what repairs an alert.
 */
import type { CodeIn, Run } from '../schemas';
import type { IViewOptions } from './options';

/** What code is asked for. */
export type CodeRequest = Pick<CodeIn, 'what'> & Partial<CodeIn>;

const IDENTIFIER = /^[\p{L}_][\p{L}\p{N}_]{0,127}$/u;
const FRAME = 'df';

/** Writes code where the person works. */
export class CodeInserter {
  constructor(options: IViewOptions) {
    this._options = options;
  }

  /** Insert code; the person is told of an error. */
  async insert(run: Run, request: CodeRequest): Promise<void> {
    const { client, insert, onError } = this._options;
    try {
      const parts = await Promise.all(
        this._requests(run, request).map(body => client.code(run.id, body))
      );
      insert(parts.map(part => part.code.trimEnd()).join('\n\n'));
      this._isLoaded = true;
    } catch (error) {
      onError(error);
    }
  }

  /**
   * When no kernel holds the table, the first code that is inserted begins with what loads it; the
   * next does not, for loading again would undo what was repaired.
   */
  private _requests(run: Run, request: CodeRequest): CodeIn[] {
    const known = this._options.frame();
    const inKernel = run.source.kind === 'frame';
    const name = inKernel ? (run.source.name ?? '') : FRAME;
    const frame = known?.name ?? (IDENTIFIER.test(name) ? name : FRAME);
    const folder = this._options.folder();
    const shared = { frame, folder, dialect: known?.dialect ?? 'pandas' };
    const complete = { ...shared, ...request };
    return known || inKernel || this._isLoaded || request.what === 'load'
      ? [complete]
      : [{ ...shared, what: 'load' }, complete];
  }

  private readonly _options: IViewOptions;
  private _isLoaded = false;
}
