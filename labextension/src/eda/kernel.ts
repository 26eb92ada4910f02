/**
 * The dataframes of a kernel: listed beside its work, and handed over when they are to be profiled.
 */
import type { Kernel } from '@jupyterlab/services';

import { OrreryError, toError } from '../base/errors';
import { evaluate, isPython, type IOutcome } from '../base/python';
import { withTimeout } from '../base/timeout';
import type { Dialect } from './schemas';

/** A dataframe of a kernel. */
export interface IFrame {
  name: string;
  dialect: Dialect;
  /** Unknown of what is not computed yet. */
  rows: number | null;
  columns: number;
  bytes: number | null;
}

/** A dataframe that was handed over: its id as a source, and its number of rows. */
export interface IHandover {
  id: string;
  rows: number;
}

const LIMIT_MS = 3_000;
const DIALECTS: readonly Dialect[] = ['pandas', 'polars', 'pyarrow', 'duckdb', 'spark'];

/** Asks a kernel beside its own work where it can do two things at once, and when it is idle where not. */
export class KernelFrames {
  constructor(kernel: Kernel.IKernelConnection) {
    this._kernel = kernel;
    kernel.statusChanged.connect(this._onStatus, this);
  }

  /** The id of the last request. */
  get lastRequest(): string {
    return this._lastRequest;
  }

  /** Its dataframes, the latest first; null when it cannot be asked now, or is no Python. */
  async list(): Promise<readonly IFrame[] | null> {
    const answer = await this._ask('frames()', LIMIT_MS).catch(() => undefined);
    return Array.isArray(answer) ? answer.filter(isFrame).reverse() : null;
  }

  /** Write a dataframe where the server finds it; null when the kernel cannot be asked, or went away. */
  async handOver(name: string): Promise<IHandover | null> {
    const answer = await this._ask(`hand_over(${JSON.stringify(name)})`, null).catch(
      (error: unknown) => {
        if (error instanceof OrreryError) {
          throw error;
        }
        return undefined;
      }
    );
    const handover = answer as Partial<IHandover> | undefined;
    return typeof handover?.id === 'string'
      ? { id: handover.id, rows: Number(handover.rows ?? 0) }
      : null;
  }

  dispose(): void {
    this._isDisposed = true;
    this._kernel.statusChanged.disconnect(this._onStatus, this);
    this._leave(true);
  }

  /** What ran beside the work is gone with the process that it ran in. */
  private _onStatus(_: unknown, status: Kernel.Status): void {
    if (status === 'restarting' || status === 'autorestarting' || status === 'dead') {
      this._leave(false);
    }
  }

  private _leave(lives: boolean): void {
    const side = this._side;
    this._side = null;
    void side?.then(connection => {
      if (connection && !(lives && connection.supportsSubshells)) {
        // The kernel cannot be asked to end it: it would be waited for without end.
        connection.subshellId = null;
      }
      connection?.dispose();
    });
  }

  /** The value of a call of `orrery_kernels.eda.frames`; undefined when it cannot be had. */
  private async _ask(call: string, limit: number | null): Promise<unknown> {
    const connection = await this._connection();
    if (!connection) {
      return undefined;
    }
    const module = '__import__("orrery_kernels.eda.frames", fromlist=["frames"])';
    const expression = `${module}.${call}`;
    const { requestId, outcome } = evaluate(connection, expression, limit);
    this._lastRequest = requestId;
    return valueOf(await outcome);
  }

  /** A connection that does not wait for the person's own cells. */
  private async _connection(): Promise<Kernel.IKernelConnection | null> {
    const kernel = this._kernel;
    const speaksPython = await isPython(kernel, LIMIT_MS);
    if (!speaksPython || this._isDisposed || kernel.isDisposed) {
      return null;
    }
    if (!kernel.supportsSubshells) {
      return kernel.status === 'idle' ? kernel : null;
    }
    this._side ??= this._open();
    const side = await this._side.catch(() => null);
    if (!side || side.isDisposed) {
      this._side = null;
      return null;
    }
    return side;
  }

  private async _open(): Promise<Kernel.IKernelConnection | null> {
    const kernel = this._kernel;
    // The control channel answers while the person's own cell runs.
    const reply = await withTimeout(kernel.requestCreateSubshell({}).done, LIMIT_MS);
    const id = reply?.content.subshell_id;
    if (!id || kernel.isDisposed) {
      return null;
    }
    const side = kernel.clone();
    // Said before it connects: its very first question must not wait behind the cell either.
    side.subshellId = id;
    return side;
  }

  private readonly _kernel: Kernel.IKernelConnection;
  private _side: Promise<Kernel.IKernelConnection | null> | null = null;
  private _lastRequest = '';
  private _isDisposed = false;
}

/** A kernel without the module has no frames to show; every other error is told. */
function valueOf({ error, value }: IOutcome): unknown {
  if (error?.message && error.name !== 'ModuleNotFoundError') {
    throw toError({ code: 'invalid', message: error.message });
  }
  return value;
}

function isFrame(value: unknown): value is IFrame {
  const frame = value as Partial<IFrame> | null;
  return (
    typeof frame?.name === 'string' &&
    DIALECTS.includes(frame.dialect as Dialect) &&
    typeof frame.columns === 'number'
  );
}
