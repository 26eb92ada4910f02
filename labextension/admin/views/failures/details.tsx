/**
 * One failure: its cause in plain words, what to do, and what was seen of the server before it was removed.
 */
import React from 'react';

import { useAct } from '../../act';
import { useAdmin } from '../../context';
import { Badge, Button, Failure as FailureMessage } from '../../controls';
import { Moment } from '../../format';
import { Facts, type IList } from '../../listview';
import { usePoll } from '../../poll';
import type { Failure, FailureRecord } from '../../schemas';

import { CAUSES, detailOf, lengthText, STAGES } from './words';

export function State({ failure }: { failure: Failure }): JSX.Element {
  return failure.handled_at ? (
    <Badge level="good">Handled</Badge>
  ) : (
    <Badge level="bad">Open</Badge>
  );
}

export function Details(props: {
  failure: Failure;
  list: IList<Failure>;
}): JSX.Element {
  const { failure } = props;
  const detail = detailOf(failure);
  return (
    <>
      <h2>{CAUSES[failure.cause.kind]}</h2>
      <p>{failure.cause.text}</p>
      {failure.cause.remedy && <p>{failure.cause.remedy}</p>}
      {detail && <pre tabIndex={0}>{detail}</pre>}
      <FailureFacts failure={failure} />
      <Actions {...props} />
      <Lines id={failure.id} />
    </>
  );
}

function FailureFacts({ failure }: { failure: Failure }): JSX.Element {
  return (
    <Facts
      facts={[
        ['State', <State key="state" failure={failure} />],
        ['Person', failure.person],
        ['Server', failure.server || 'Default'],
        ['Project', failure.project || 'None'],
        ['Pool', failure.pool || 'None'],
        ['Profile', failure.profile || 'None'],
        ['Failed', STAGES[failure.stage]],
        ['When', <Moment key="at" when={failure.at} />],
        ['After', lengthText(failure)],
        ['Node', failure.node || '–'],
        ['Exit status', failure.exit_status ?? '–'],
        ...(failure.handled_at
          ? [
              ['Handled', <Moment key="handled" when={failure.handled_at} />] as const,
              ['By', failure.handled_by || '–'] as const
            ]
          : [])
      ]}
    />
  );
}

function Actions(props: { failure: Failure; list: IList<Failure> }): JSX.Element {
  const { failure, list } = props;
  const { api, router } = useAdmin();
  const act = useAct();
  const isHandled = failure.handled_at !== null;
  const change = async () => {
    const body = { is_handled: !isHandled };
    const path = `failures/${failure.id}`;
    list.replace(await api.call<FailureRecord>(path, { method: 'PATCH', body }));
    return isHandled ? 'It is open again.' : 'It is marked as handled.';
  };
  return (
    <div className="orrery-admin-actions">
      <Button look={isHandled ? undefined : 'accent'} onClick={() => act(change)}>
        {isHandled ? 'Open Again' : 'Mark as Handled'}
      </Button>
      <Button onClick={() => router.open('people', { q: failure.person })}>
        Show Person
      </Button>
    </div>
  );
}

/** The last lines, which the list has not. */
function Lines({ id }: { id: number }): JSX.Element | null {
  const { value, error, refresh } = usePoll<FailureRecord>(`failures/${id}`);
  if (error) {
    return <FailureMessage error={error} onRetry={refresh} />;
  }
  if (!value) {
    return null;
  }
  return (
    <>
      <Text title="What Kubernetes said" lines={value.events} />
      <Text title="Last lines of its log" lines={value.log} />
      {value.events.length + value.log.length === 0 && (
        <p className="orrery-quiet">It wrote nothing.</p>
      )}
    </>
  );
}

function Text(props: { title: string; lines: readonly string[] }): JSX.Element | null {
  const { title, lines } = props;
  return lines.length === 0 ? null : (
    <>
      <h3>{title}</h3>
      <pre tabIndex={0}>{lines.join('\n')}</pre>
    </>
  );
}
