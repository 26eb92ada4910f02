/**
 * Values that a Python kernel is asked for without the person seeing it.
 */
import type { Kernel, KernelMessage } from '@jupyterlab/services';

import { withTimeout } from './timeout';

/** What came of an expression: its value, or the error that it raised; neither when it cannot be had. */
export interface IOutcome {
  value?: unknown;
  error?: { name: string; message: string };
}

/** Whether a kernel says within `limitMs` that it runs Python. */
export async function isPython(
  kernel: Kernel.IKernelConnection,
  limitMs: number
): Promise<boolean> {
  const info = await withTimeout(kernel.info, limitMs);
  return info?.language_info.name.toLowerCase() === 'python';
}

/** Ask for the value of an expression that gives JSON text; without a limit, for as long as it takes. */
export function evaluate(
  kernel: Kernel.IKernelConnection,
  expression: string,
  limitMs: number | null
): { requestId: string; outcome: Promise<IOutcome> } {
  const future = kernel.requestExecute({
    code: '',
    silent: true,
    store_history: false,
    allow_stdin: false,
    stop_on_error: false,
    user_expressions: { orrery: expression }
  });
  const settle = async (): Promise<IOutcome> => {
    try {
      const { done } = future;
      return outcomeOf(await (limitMs === null ? done : withTimeout(done, limitMs)));
    } finally {
      future.dispose();
    }
  };
  return { requestId: future.msg.header.msg_id, outcome: settle() };
}

function outcomeOf(reply: KernelMessage.IExecuteReplyMsg | undefined): IOutcome {
  if (reply?.content.status !== 'ok') {
    return {};
  }
  const result = reply.content.user_expressions?.orrery as
    | {
        status?: string;
        ename?: string;
        evalue?: string;
        data?: Record<string, unknown>;
      }
    | undefined;
  if (result?.status === 'error') {
    return { error: { name: result.ename ?? '', message: result.evalue ?? '' } };
  }
  const text = result?.data?.['text/plain'];
  return typeof text === 'string' ? { value: parseLiteral(text) } : {};
}

/** The JSON in a Python string literal, as `repr` writes it. */
function parseLiteral(literal: string): unknown {
  const text = literal.slice(1, -1).replace(/\\(['"\\])/g, '$1');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
