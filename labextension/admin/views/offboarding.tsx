/**
 * Off-boarding: first what it would end and leave, then doing it, then the report of what it did.
 */
import React, { useEffect, useRef, useState } from 'react';

import type { OrreryError } from '../../src/base/errors';

import { asError } from '../aserror';
import { useAdmin } from '../context';
import { Badge, Button, Failure } from '../controls';
import { Dialog } from '../dialog';
import { findPerson, PersonField } from '../fields';
import type { Job, Offboarding, OffboardingItem, Person } from '../schemas';

const STATES: Record<OffboardingItem['state'], string> = {
  planned: 'Ends',
  done: 'Ended',
  left: 'Is left',
  none: 'None'
};

/** Whether off-boarding was begun and has not come to its end. */
export function isLeaving(person: Person): boolean {
  return person.offboarded !== null && person.handed_over === null;
}

/** The dialog; `onDone` is called once something was changed. */
export function OffboardDialog(props: {
  person: Person;
  onDone: () => void;
  onClose: () => void;
}): JSX.Element {
  const [report, setReport] = useState<Offboarding>();
  return report ? (
    <Dialog
      title={`${report.name} is off-boarded`}
      accept="Close"
      onAccept={() => Promise.resolve()}
      onClose={props.onClose}
    >
      <p>What is left has to be decided on by you; the last column says where it is.</p>
      <Items items={report.items} />
    </Dialog>
  ) : (
    <Plan {...props} onReport={setReport} />
  );
}

/** What off-boarding would do, read once; `fail` shows why something else failed. */
function usePlan(path: string): {
  plan: Offboarding | undefined;
  error: OrreryError | undefined;
  fail: (cause: unknown) => void;
} {
  const { api } = useAdmin();
  const [plan, setPlan] = useState<Offboarding>();
  const [error, setError] = useState<OrreryError>();
  useEffect(() => {
    const abort = new AbortController();
    api.call<Offboarding>(path, { signal: abort.signal }).then(setPlan, cause => {
      if (!abort.signal.aborted) {
        setError(asError(cause));
      }
    });
    return () => abort.abort();
  }, [api, path]);
  return { plan, error, fail: cause => setError(asError(cause)) };
}

/** Both ways to do it: while the dialog waits, and as a job. */
function useOffboard(
  person: Person,
  name: string
): { run: () => Promise<Offboarding>; runAsJob: () => Promise<void> } {
  const { api, router } = useAdmin();
  const successor = async () => (name.trim() ? (await findPerson(api, name)).id : null);
  const run = async () => {
    const body = { successor: await successor() };
    const path = `people/${person.id}/offboarding`;
    return api.call<Offboarding>(path, { method: 'POST', body });
  };
  const runAsJob = async () => {
    const id = await successor();
    const body = {
      action: 'people.offboard',
      targets: [String(person.id)],
      arguments: id === null ? {} : { successor: String(id) },
      is_dry_run: false
    };
    const job = await api.call<Job>('admin/jobs', { method: 'POST', body });
    router.open('jobs', { job: String(job.id) });
  };
  return { run, runAsJob };
}

function Plan(props: {
  person: Person;
  onDone: () => void;
  onReport: (report: Offboarding) => void;
  onClose: () => void;
}): JSX.Element {
  const { person } = props;
  const [name, setName] = useState('');
  const { plan, error, fail } = usePlan(`people/${person.id}/offboarding`);
  const work = useOffboard(person, name);
  // A dialog asks to be closed after its action, and the report takes its place.
  const isDone = useRef(false);
  const accept = async () => {
    try {
      const report = await work.run();
      isDone.current = true;
      props.onReport(report);
    } finally {
      props.onDone();
    }
  };
  return (
    <Dialog
      title={`Off-board ${person.name}`}
      accept="Off-board"
      isDangerous
      isReady={plan !== undefined}
      onAccept={accept}
      onClose={() => {
        if (!isDone.current) {
          props.onClose();
        }
      }}
    >
      <p>
        {isLeaving(person)
          ? 'It was begun and is not finished. Nobody is admitted with these accounts any more.'
          : 'Servers stop, and the accounts at JupyterHub are deleted with tokens and sessions. This cannot be undone.'}
      </p>
      {error && <Failure error={error} />}
      {!plan && !error && <p className="orrery-quiet">Looking at what there is…</p>}
      {plan && <Items items={plan.items} />}
      <PersonField
        label="Who takes over projects and snippets (may be empty)"
        value={name}
        onChange={setName}
      />
      <p>
        Servers have 20 seconds to stop here. A job waits five minutes for them.{' '}
        <Button
          disabled={!plan}
          onClick={() => void work.runAsJob().then(props.onClose, fail)}
        >
          Off-board as a Job
        </Button>
      </p>
    </Dialog>
  );
}

function Items({ items }: { items: readonly OffboardingItem[] }): JSX.Element {
  return (
    <table className="orrery-admin-plain">
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">Number</th>
          <th scope="col">State</th>
          <th scope="col">Detail</th>
        </tr>
      </thead>
      <tbody>
        {items.map(item => (
          <tr key={item.what}>
            <th scope="row">{item.what}</th>
            <td>{item.count}</td>
            <td>
              <Badge level={item.state === 'left' ? 'warning' : 'plain'}>
                {STATES[item.state]}
              </Badge>
            </td>
            <td>{item.detail}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
