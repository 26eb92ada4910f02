/**
 * Explain: why somebody can do something, or cannot, with the role, group or claim behind each condition.
 */
import React, { useEffect, useId, useState } from 'react';

import type { OrreryError } from '../../src/base/errors';
import type { Page } from '../../src/base/schemas';

import { asError } from '../aserror';
import { useAdmin } from '../context';
import { Badge, Button, Failure, TextField } from '../controls';
import { PersonField } from '../fields';
import { usePoll } from '../poll';
import type { Action, Explanation } from '../schemas';
import { useStore } from '../store';

const ALL = 'access/actions?limit=200';

export function ExplainView(): JSX.Element {
  const { router } = useAdmin();
  const { params } = useStore(router.route);
  const [user, setUser] = useState(params.user ?? '');
  const [action, setAction] = useState(params.action ?? '');
  const [object, setObject] = useState(params.object ?? '');
  const actions = useActions();
  const known = actions?.find(({ name }) => name === action.trim());
  return (
    <div className="orrery-admin-view">
      <header className="orrery-admin-bar">
        <h1>Explain</h1>
      </header>
      <div className="orrery-admin-page">
        <form
          className="orrery-admin-question"
          onSubmit={event => {
            event.preventDefault();
            router.narrow({
              user: user.trim(),
              action: action.trim(),
              object: object.trim()
            });
          }}
        >
          <PersonField label="Can this person" value={user} onChange={setUser} />
          <ActionField actions={actions ?? []} value={action} onChange={setAction} />
          <TextField
            label={known && !known.asks_more ? 'To what (not asked)' : 'To what'}
            value={object}
            onChange={setObject}
          />
          <button type="submit" className="orrery-admin-submit">
            Explain
          </button>
        </form>
        {known && (
          <p className="orrery-quiet">
            {known.method} <code>{known.path}</code>, needs{' '}
            <code>{known.permission}</code>
            {known.asks_more &&
              ', and asks about the object too: write churn for a project, churn/grace for a member of it'}
            .
          </p>
        )}
        {params.user && params.action && (
          <Answer
            key={`${params.user} ${params.action} ${params.object ?? ''}`}
            query={{
              user: params.user,
              action: params.action,
              object: params.object ?? ''
            }}
          />
        )}
      </div>
    </div>
  );
}

/** Every action; two pages are enough for all routes there are, and more are asked for if they are not. */
function useActions(): readonly Action[] | undefined {
  const { api } = useAdmin();
  const first = usePoll<Page<Action>>(ALL).value;
  const [rest, setRest] = useState<readonly Action[]>([]);
  useEffect(() => {
    const known = (first?.items.length ?? 0) + rest.length;
    if (first && known < first.total) {
      void api
        .call<Page<Action>>(`${ALL}&offset=${known}`)
        .then(page => setRest(before => [...before, ...page.items]))
        // The list is a help to type: what is typed is checked by the service.
        .catch(() => undefined);
    }
  }, [api, first, rest]);
  return first && [...first.items, ...rest];
}

function ActionField(props: {
  readonly actions: readonly Action[];
  readonly value: string;
  readonly onChange: (value: string) => void;
}): JSX.Element {
  const id = useId();
  return (
    <p className="orrery-admin-labelled">
      <label htmlFor={id}>Do this</label>
      <input
        id={id}
        list={`${id}-actions`}
        className="orrery-admin-input"
        placeholder="projects.update"
        autoComplete="off"
        spellCheck={false}
        maxLength={100}
        value={props.value}
        onChange={event => props.onChange(event.currentTarget.value)}
      />
      <datalist id={`${id}-actions`}>
        {props.actions.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </p>
  );
}

function Answer(props: {
  readonly query: Readonly<Record<'user' | 'action' | 'object', string>>;
}): JSX.Element {
  const { api } = useAdmin();
  const [answer, setAnswer] = useState<Explanation>();
  const [error, setError] = useState<OrreryError>();
  const [round, setRound] = useState(0);
  const { query } = props;
  useEffect(() => {
    const abort = new AbortController();
    api
      .call<Explanation>('access/explain', { query, signal: abort.signal })
      .then(setAnswer, (cause: unknown) => {
        if (!abort.signal.aborted) {
          setError(asError(cause));
        }
      });
    return () => abort.abort();
    // The key of the component holds the query.
  }, [api, round]);
  if (error) {
    return (
      <Failure
        error={error}
        onRetry={() => {
          setError(undefined);
          setRound(round + 1);
        }}
      />
    );
  }
  if (!answer) {
    return <p className="orrery-quiet">Loading…</p>;
  }
  return <Conditions answer={answer} onAgain={() => setRound(round + 1)} />;
}

function Conditions(props: {
  readonly answer: Explanation;
  readonly onAgain: () => void;
}): JSX.Element {
  const { answer } = props;
  const target = answer.object ? ` to ${answer.object}` : '';
  return (
    <section aria-label="Answer">
      <h2>
        {answer.is_allowed ? 'Yes' : 'No'}: {answer.user}{' '}
        {answer.is_allowed ? 'can' : 'cannot'} do {answer.action}
        {target}
      </h2>
      <table className="orrery-admin-plain">
        <thead>
          <tr>
            <th scope="col">Met</th>
            <th scope="col">Condition</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {answer.steps.map(step => (
            <tr key={step.what}>
              <td>
                <Badge level={step.is_met ? 'good' : 'bad'}>
                  {step.is_met ? 'Yes' : 'No'}
                </Badge>
              </td>
              <th scope="row">The person {step.what}</th>
              <td>{step.why}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="orrery-admin-actions">
        <Button onClick={props.onAgain}>Ask Again</Button>
      </div>
    </section>
  );
}
