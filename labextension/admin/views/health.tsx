/**
 * Health of every part.
 */
import React from 'react';

import { Badge, Button, Failure } from '../controls';
import { Moment } from '../format';
import { usePoll } from '../poll';
import type { Health, Parts, Status } from '../schemas';

const POLL_MS = 10_000;
const LEVELS: Record<Status, 'good' | 'warning' | 'bad' | 'plain'> = {
  ok: 'good',
  degraded: 'warning',
  failing: 'bad',
  unknown: 'plain'
};
const WORDS: Record<Status, string> = {
  ok: 'Works',
  degraded: 'Slow',
  failing: 'Fails',
  unknown: 'Unknown'
};

export function HealthView(): JSX.Element {
  const health = usePoll<Health>('health', POLL_MS);
  const state = usePoll<Parts>('admin/parts', POLL_MS);
  const parts = state.value;
  const error = state.error ?? health.error;
  const refresh = () => {
    health.refresh();
    state.refresh();
  };
  return (
    <div className="orrery-admin-view">
      <header className="orrery-admin-bar">
        <h1>Health</h1>
        <span className="orrery-admin-space" />
        <Button onClick={refresh}>Refresh</Button>
      </header>
      <div className="orrery-admin-page" aria-busy={!parts}>
        {error && <Failure error={error} onRetry={refresh} />}
        {health.value && health.value.notices.length > 0 && (
          <section aria-label="Notices">
            <h2>Notices</h2>
            <ul>
              {health.value.notices.map(text => (
                <li key={text}>{text}</li>
              ))}
            </ul>
          </section>
        )}
        {parts && (
          <PartsTable
            parts={parts}
            isReadOnly={health.value?.database === 'read-only'}
          />
        )}
        {!parts && !error && <p className="orrery-quiet">Loading…</p>}
      </div>
    </div>
  );
}

function PartsTable(props: { parts: Parts; isReadOnly: boolean }): JSX.Element {
  const { parts } = props;
  return (
    <>
      <h2>Parts</h2>
      <table className="orrery-admin-plain">
        <thead>
          <tr>
            <th scope="col">Part</th>
            <th scope="col">State</th>
            <th scope="col">It says</th>
            <th scope="col">Answer in</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">Hub service</th>
            <td>
              <Badge level={props.isReadOnly ? 'bad' : 'good'}>
                {props.isReadOnly ? 'Nothing can be saved' : 'Works'}
              </Badge>
            </td>
            <td>
              Version {parts.version}, started <Moment when={parts.started} />
            </td>
            <td />
          </tr>
          {parts.parts.map(part => (
            <tr key={part.name}>
              <th scope="row">{part.title}</th>
              <td>
                <Badge level={LEVELS[part.status]}>{WORDS[part.status]}</Badge>
              </td>
              <td>{part.text}</td>
              <td>{part.milliseconds !== null && `${part.milliseconds} ms`}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <WorkTable work={parts.work} />
    </>
  );
}

function WorkTable(props: { work: Parts['work'] }): JSX.Element {
  return (
    <>
      <h2>Work in the background</h2>
      <table className="orrery-admin-plain">
        <thead>
          <tr>
            <th scope="col">Work</th>
            <th scope="col">Done</th>
            <th scope="col">Failed</th>
          </tr>
        </thead>
        <tbody>
          {props.work.map(({ name, done, failed }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{done.toLocaleString('en')}</td>
              <td>{failed.toLocaleString('en')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
