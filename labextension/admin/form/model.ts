/**
 * What a form holds: a value with parts, each at a path such as `spec.cpu`, and what is wrong with a part.
 */
import { createContext, useContext, useState } from 'react';

import type { OrreryError } from '../../src/base/errors';

export type Problems = Readonly<Record<string, string>>;

export interface IForm {
  get(path: string): unknown;
  set(path: string, value: unknown): void;
  problem(path: string): string | undefined;
}

type Parts = Readonly<Record<string, unknown>>;

/** The part at a path; undefined if there is none. */
export function partOf(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((part, key) => (part as Parts | null | undefined)?.[key], value);
}

/** A part as the text of a field. */
export function textOf(part: unknown): string {
  return typeof part === 'string' || typeof part === 'number' ? String(part) : '';
}

/** The value with another part at a path. */
export function withPart<T>(value: T, path: string, part: unknown): T {
  const [key, ...rest] = path.split('.');
  const parts = value as Parts;
  const next =
    rest.length > 0 ? withPart(parts[key] ?? {}, rest.join('.'), part) : part;
  return { ...parts, [key]: next } as T;
}

/** What the service says of each part; that of a part of a list is said where the list is. */
export function problemsOf(error: OrreryError | undefined): Problems {
  const fields = error?.details.fields;
  if (!Array.isArray(fields)) {
    return {};
  }
  return Object.fromEntries(
    (fields as { field: string; problem: string }[]).map(({ field, problem }) => [
      field,
      wordsOf(problem)
    ])
  );
}

/** A problem for who fills in a form, to whom a pattern says nothing: what a field takes is said beside it. */
function wordsOf(problem: string): string {
  if (problem.startsWith('String should match pattern')) {
    return 'This is not written as it has to be.';
  }
  if (/^(String should have at least|Field required)/.test(problem)) {
    return 'This is missing.';
  }
  return problem.replace(/^Value error, /, '');
}

/** The problem of a part, or of anything inside it: `Row 2, path: This is missing.` */
export function problemAt(problems: Problems, path: string): string | undefined {
  const texts = Object.entries(problems)
    .filter(([field]) => field === path || field.startsWith(`${path}.`))
    .map(([field, problem]) => {
      const [row, ...rest] = field.slice(path.length + 1).split('.');
      const place = /^\d+$/.test(row)
        ? [`Row ${Number(row) + 1}`, ...rest]
        : [row, ...rest];
      return row ? `${place.join(', ')}: ${problem}` : problem;
    });
  return texts.join(' ') || undefined;
}

export const FormContext = createContext<IForm | undefined>(undefined);

export function useForm(): IForm {
  const form = useContext(FormContext);
  if (!form) {
    throw new Error('A field outside of a form.');
  }
  return form;
}

/** A form for a value, with what the service said of it last. */
export function useFormState<T>(initial: T, problems: Problems): readonly [T, IForm] {
  const [value, setValue] = useState(initial);
  const form: IForm = {
    get: path => partOf(value, path),
    set: (path, part) => setValue(known => withPart(known, path, part)),
    problem: path => problemAt(problems, path)
  };
  return [value, form];
}
