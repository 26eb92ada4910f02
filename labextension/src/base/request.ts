/**
 * The one way to the person's own server: XSRF, time limit, cancel, and one error shape.
 */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { toError, type IErrorBody } from './errors';

type Value = string | number | boolean;

export interface IRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  body?: unknown;
  /** A list becomes one parameter per element; undefined and null are left out. */
  query?: Record<string, Value | readonly Value[] | undefined | null>;
  /** Aborting it rejects with `Cancelled`. */
  signal?: AbortSignal;
  /** Time limit in milliseconds. */
  timeoutMs?: number;
}

/** What the caller of a generated method decides itself. */
export type ICallOptions = Pick<IRequest, 'signal' | 'timeoutMs'>;

const TIMEOUT_MS = 30_000;

/** A value as one segment of a path; the colons of ids stay, for the server's routes know them as they are. */
export function segment(value: string | number): string {
  return encodeURIComponent(value).replaceAll('%3A', ':');
}

/**
 * What the server answers at `orrery/<path>`; undefined when it answers with nothing.
 *
 * Rejects with an `OrreryError`, always: a refusal, a time limit, a cancel, a server that is gone.
 */
export async function request<T>(
  path: string,
  init: IRequest = {},
  settings: ServerConnection.ISettings = ServerConnection.makeSettings()
): Promise<T> {
  requireSegments(path);
  const limit = init.timeoutMs ?? TIMEOUT_MS;
  const timer = AbortSignal.timeout(limit);
  const signal = init.signal ? AbortSignal.any([init.signal, timer]) : timer;
  let response: Response;
  let text: string;
  try {
    response = await ServerConnection.makeRequest(
      address(path, init.query, settings),
      {
        method: init.method ?? 'GET',
        ...json(init.body),
        // Asks the server each time, without the parameter that "no-store" adds to the address.
        cache: 'no-cache',
        signal
      },
      settings
    );
    text = await response.text();
  } catch (cause) {
    throw unanswered(cause, init, timer, limit);
  }
  const answer = parse(text);
  if (!response.ok || (text && answer === undefined)) {
    throw toError(asBody(answer, response));
  }
  return answer as T;
}

/** Refuse a path that a browser would resolve to another one: it does so with encoded dots too. */
function requireSegments(path: string): void {
  const wrong = path.split('/').find(part => ['', '.', '..'].includes(part));
  if (wrong !== undefined) {
    throw toError({
      code: 'invalid',
      message: `"${wrong}" cannot be a name here`,
      remedy: 'Check the name.'
    });
  }
}

function json(body: unknown): Pick<RequestInit, 'body' | 'headers'> {
  return body === undefined
    ? {}
    : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
}

function address(
  path: string,
  query: IRequest['query'],
  settings: ServerConnection.ISettings
): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    const values = Array.isArray(value) ? (value as readonly Value[]) : [value];
    for (const part of values) {
      if (part !== undefined && part !== null) {
        parameters.append(name, String(part));
      }
    }
  }
  const url = URLExt.join(settings.baseUrl, 'orrery', path);
  const search = parameters.toString();
  return search ? `${url}?${search}` : url;
}

function parse(text: string): unknown {
  if (!text) {
    return undefined;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function asBody(
  answer: unknown,
  response: Response
): Partial<IErrorBody> & { message: string } {
  const body = (answer ?? {}) as Partial<IErrorBody>;
  if (typeof body.code === 'string' && typeof body.message === 'string') {
    return { ...body, message: body.message };
  }
  if (response.ok) {
    return {
      code: 'unauthenticated',
      message: 'The server answered with a page instead of data',
      reason: 'Your login may have ended.',
      remedy: 'Reload the page and log in again.'
    };
  }
  if (response.status === 404) {
    return {
      code: 'backend_unavailable',
      message: 'Orrery is not running on this server',
      reason: 'Its server extension did not answer.',
      remedy: 'Run "jupyter server extension list" and enable orrery_server.'
    };
  }
  return {
    code: response.status === 403 ? 'forbidden' : 'internal_error',
    message: `The server answered ${response.status} ${response.statusText}`,
    remedy: 'Reload the page; if it stays, restart the server.'
  };
}

function unanswered(
  cause: unknown,
  init: IRequest,
  timer: AbortSignal,
  limit: number
): Error {
  if (init.signal?.aborted) {
    return toError({ code: 'cancelled', message: 'Cancelled' });
  }
  if (timer.aborted) {
    const isRead = (init.method ?? 'GET') === 'GET';
    return toError({
      code: 'timed_out',
      message: isRead
        ? 'The server took too long'
        : 'It is not known whether the server has done this',
      reason: `There was no answer within ${Math.round(limit / 1000)} s.`,
      remedy: isRead ? 'Try again.' : 'Look whether it is done before you try again.'
    });
  }
  return toError({
    code: 'network_down',
    message: 'The server cannot be reached',
    // What the browser says is of no use to the person: "Failed to fetch".
    details: { cause: cause instanceof Error ? cause.message : String(cause) },
    remedy: 'Check the connection; your server may have stopped.'
  });
}
