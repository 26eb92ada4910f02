/**
 * Every way Orrery can refuse or fail, as the browser knows it: the twin of the server's `errors.py`.
 */

/** The body of every answer that is not a success. */
export interface IErrorBody {
  code: string;
  message: string;
  reason: string;
  remedy: string;
  details: Record<string, unknown>;
  request_id: string;
}

/** A failure that a person can read: what failed, why, and what to do about it. */
export class OrreryError extends Error {
  constructor(body: Partial<IErrorBody> & { message: string }) {
    super(body.message);
    this.name = new.target.name;
    this.code = body.code ?? 'internal_error';
    this.reason = body.reason ?? '';
    this.remedy = body.remedy ?? '';
    this.details = body.details ?? {};
    this.requestId = body.request_id ?? '';
  }

  readonly code: string;
  readonly reason: string;
  readonly remedy: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly requestId: string;
}

export class Invalid extends OrreryError {}
export class SecretFound extends Invalid {}
export class Unauthenticated extends OrreryError {}
export class Forbidden extends OrreryError {}
export class NotFound extends OrreryError {}
export class MethodNotAllowed extends OrreryError {}
export class Conflict extends OrreryError {}
export class TooLarge extends OrreryError {}
export class TooMany extends OrreryError {}
export class Cancelled extends OrreryError {}
export class BackendUnavailable extends OrreryError {}
export class TimedOut extends OrreryError {}
export class StorageFull extends OrreryError {}

/** The server did not answer at all. */
export class NetworkDown extends OrreryError {}

/** Whether it ends by itself: the server, or what it stands on, is out of reach for a while. */
export function isOutage(error: unknown): boolean {
  return (
    error instanceof NetworkDown ||
    (error instanceof OrreryError && error.details.outage !== undefined)
  );
}

const CLASSES: Record<string, typeof OrreryError> = {
  backend_unavailable: BackendUnavailable,
  cancelled: Cancelled,
  conflict: Conflict,
  forbidden: Forbidden,
  invalid: Invalid,
  method_not_allowed: MethodNotAllowed,
  network_down: NetworkDown,
  not_found: NotFound,
  secret_found: SecretFound,
  storage_full: StorageFull,
  timed_out: TimedOut,
  too_large: TooLarge,
  too_many: TooMany,
  unauthenticated: Unauthenticated
};

/** The error that a body stands for. */
export function toError(body: Partial<IErrorBody> & { message: string }): OrreryError {
  const Class = CLASSES[body.code ?? ''] ?? OrreryError;
  return new Class(body);
}
