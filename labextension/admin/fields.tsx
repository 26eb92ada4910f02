/**
 * Fields of dialogs and forms, beyond those that are the lab's components as they are.
 */
import { Checkbox } from '@jupyter/react-components';
import React, { useEffect, useId, useState } from 'react';

import type { Page } from '../src/base/schemas';
import { toError } from '../src/base/errors';

import type { Api } from './api';
import { useAdmin } from './context';
import type { Person } from './schemas';

const DEBOUNCE_MS = 200;
const SUGGESTIONS = 12;

export function CheckField(props: {
  readonly label: string;
  readonly value: boolean;
  readonly onChange: (value: boolean) => void;
}): JSX.Element {
  return (
    <Checkbox
      checked={props.value}
      onChange={event =>
        props.onChange((event.target as unknown as HTMLInputElement).checked)
      }
    >
      {props.label}
    </Checkbox>
  );
}

/** A moment as an input for local time has it. */
export function localInput(moment: Date): string {
  const shifted = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

/** A moment in the person's own time; empty for none. */
export function MomentField(props: {
  readonly label: string;
  readonly value: string | null;
  readonly onChange: (value: string | null) => void;
}): JSX.Element {
  const id = useId();
  return (
    <p className="orrery-admin-select">
      <label htmlFor={id}>{props.label}</label>
      <input
        id={id}
        type="datetime-local"
        className="orrery-admin-input"
        value={props.value ? localInput(new Date(props.value)) : ''}
        onChange={event => {
          const text = event.currentTarget.value;
          props.onChange(text ? new Date(text).toISOString() : null);
        }}
      />
    </p>
  );
}

/** The name of a person, with those that the hub knows as suggestions. */
export function PersonField(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}): JSX.Element {
  const { api } = useAdmin();
  const [names, setNames] = useState<readonly string[]>([]);
  const id = useId();
  const { value } = props;
  useEffect(() => {
    const abort = new AbortController();
    const ask = () =>
      void peopleLike(api, value, SUGGESTIONS, abort.signal)
        .then(people => setNames(people.map(({ name }) => name)))
        // Suggestions only: whoever is meant is looked for again when it counts.
        .catch(() => undefined);
    const timer = setTimeout(ask, DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [api, value]);
  return (
    <p className="orrery-admin-labelled">
      <label htmlFor={id}>{props.label}</label>
      <input
        id={id}
        list={`${id}-names`}
        className="orrery-admin-input"
        value={value}
        autoComplete="off"
        spellCheck={false}
        maxLength={255}
        onChange={event => props.onChange(event.currentTarget.value)}
      />
      <datalist id={`${id}-names`}>
        {names.map(name => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </p>
  );
}

async function peopleLike(
  api: Api,
  text: string,
  limit: number,
  signal?: AbortSignal
): Promise<readonly Person[]> {
  const query = { q: text.trim(), limit };
  const page = await api.call<Page<Person>>('people', { query, signal });
  return page.items;
}

/** The person of a name or a number; rejects with a `NotFound` for nobody. */
export async function findPerson(api: Api, text: string): Promise<Person> {
  const wanted = text.trim();
  const people = await peopleLike(api, wanted, 200);
  const match = people.find(({ id, name }) => name === wanted || String(id) === wanted);
  if (!match) {
    throw toError({
      code: 'not_found',
      message: `There is nobody called ${JSON.stringify(wanted)}`,
      remedy: 'Look at the list of people.'
    });
  }
  return match;
}
