/**
 * The one way to the hub service: the key of the page, a time limit, cancel, and one error shape.
 */
import { toError, type IErrorBody } from '../src/base/errors';

import type { IFacts } from './facts';

type Value = string | number | boolean | null | undefined;

export interface ICall {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Empty texts, null and undefined are left out. */
  readonly query?: Readonly<Record<string, Value>>;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 30_000;

/** A value as one segment of a path. */
export function segment(value: string | number): string {
  return encodeURIComponent(value);
}

/** The parameters of an address, without those that say nothing. */
export function parametersOf(query: ICall['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== '') {
      parameters.append(name, String(value));
    }
  }
  const text = parameters.toString();
  return text && `?${text}`;
}

/** Calls of the hub service's API for the person who opened the page. */
export class Api {
  constructor(
    readonly facts: IFacts,
    fetcher: typeof fetch = fetch.bind(globalThis)
  ) {
    this._fetch = fetcher;
  }

  /** Called once when the log-in of the page has ended. */
  onEnd: () => void = () => undefined;

  /** What the service answers at a path; rejects with an `OrreryError`, always. */
  async call<T>(path: string, call: ICall = {}): Promise<T> {
    const timer = AbortSignal.timeout(TIMEOUT_MS);
    const signal = call.signal ? AbortSignal.any([call.signal, timer]) : timer;
    let response: Response;
    let text: string;
    try {
      response = await this._fetch(
        `${this.facts.api}/${path}${parametersOf(call.query)}`,
        {
          method: call.method ?? 'GET',
          body: call.body === undefined ? undefined : JSON.stringify(call.body),
          headers: {
            'X-Orrery-Page': this.facts.key,
            ...(call.body === undefined ? {} : { 'Content-Type': 'application/json' })
          },
          cache: 'no-store',
          redirect: 'error',
          signal
        }
      );
      text = await response.text();
    } catch (cause) {
      throw unanswered(cause, call, timer);
    }
    const answer = parse(text);
    if (response.ok && (text === '' || answer !== undefined)) {
      return answer as T;
    }
    if (response.status === 401) {
      this.onEnd();
    }
    throw toError(bodyOf(answer, response));
  }

  private readonly _fetch: typeof fetch;
}

function parse(text: string): unknown {
  try {
    return text ? (JSON.parse(text) as unknown) : undefined;
  } catch {
    return undefined;
  }
}

function bodyOf(
  answer: unknown,
  response: Response
): Partial<IErrorBody> & { message: string } {
  const body = (answer ?? {}) as Partial<IErrorBody>;
  if (typeof body.code === 'string' && typeof body.message === 'string') {
    return { ...body, message: body.message };
  }
  return {
    code: 'backend_unavailable',
    message: 'The hub service did not answer',
    reason: `What came back was ${response.status} ${response.statusText}.`,
    remedy: 'Try again in a moment.'
  };
}

function unanswered(cause: unknown, call: ICall, timer: AbortSignal): Error {
  if (call.signal?.aborted) {
    return toError({ code: 'cancelled', message: 'Cancelled' });
  }
  const isRead = (call.method ?? 'GET') === 'GET';
  if (timer.aborted) {
    return toError({
      code: 'timed_out',
      message: isRead
        ? 'The hub service took too long'
        : 'It is not known whether the hub service has done this',
      reason: `There was no answer within ${TIMEOUT_MS / 1000} s.`,
      remedy: isRead ? 'Try again.' : 'Look whether it is done before you try again.'
    });
  }
  return toError({
    code: 'network_down',
    message: 'The hub service cannot be reached',
    details: { cause: cause instanceof Error ? cause.message : String(cause) },
    remedy: 'Check the connection, then try again.'
  });
}
