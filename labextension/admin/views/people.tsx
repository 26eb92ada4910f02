/**
 * People: who they are, what they are in, and giving what belongs to one to another.
 */
import React, { useState } from 'react';

import { BulkButton } from '../bulk';
import { momentColumn, None } from '../columns';
import { useAdmin } from '../context';
import { Badge, Button } from '../controls';
import { Dialog } from '../dialog';
import { findPerson, PersonField } from '../fields';
import { count, Moment } from '../format';
import { Facts, ListView, type IList } from '../listview';
import type { Person } from '../schemas';
import type { IColumn } from '../table/column';

import { isLeaving, OffboardDialog } from './offboarding';
import { HubRoles } from './personroles';

const COLUMNS: readonly IColumn<Person>[] = [
  {
    id: 'name',
    title: 'Name',
    width: 'minmax(160px, 2fr)',
    isSortable: true,
    cell: person => (
      <>
        {person.name} {person.is_admin && <Badge>Administrator</Badge>}
      </>
    )
  },
  {
    id: 'projects',
    title: 'Projects',
    width: 'minmax(160px, 2fr)',
    isSortable: true,
    cell: person => <Projects person={person} />
  },
  {
    id: 'servers',
    title: 'Servers',
    width: '80px',
    cell: person => person.servers || <None />
  },
  momentColumn('last_activity', 'Last active', person => person.last_activity),
  momentColumn('first_visit', 'First visit', person => person.first_visit, {
    isSortable: true
  }),
  momentColumn('created', 'Created', person => person.created, {
    isSortable: true
  }),
  {
    id: 'ended',
    title: 'Account',
    width: '110px',
    isSortable: true,
    cell: person => <AccountState person={person} />
  }
];

function Projects({ person }: { person: Person }): JSX.Element {
  const names = person.projects.map(({ slug }) => slug);
  return (
    <span title={names.join(', ')}>
      {names.slice(0, 3).join(', ')}
      {names.length > 3 && ` and ${names.length - 3} more`}
      {names.length === 0 && <None />}
    </span>
  );
}

function AccountState({ person }: { person: Person }): JSX.Element {
  if (person.merged_into !== null) {
    return <Badge>Merged</Badge>;
  }
  if (!person.created && !person.first_visit && !person.ended) {
    return <Badge>Invited</Badge>;
  }
  if (isLeaving(person)) {
    return <Badge level="warning">Leaving</Badge>;
  }
  return person.ended ? (
    <Badge level="bad">Gone</Badge>
  ) : (
    <Badge level="good">Active</Badge>
  );
}

export function PeopleView(): JSX.Element {
  return (
    <ListView<Person>
      title="People"
      noun={['person', 'people']}
      path="people"
      search="Search people by name"
      sort="name"
      filters={[
        {
          name: 'ended',
          label: 'Account',
          initial: 'false',
          options: [
            ['false', 'Everybody'],
            ['true', 'Deleted']
          ]
        }
      ]}
      columns={COLUMNS}
      canSelect
      actions={(selection, list) => (
        <BulkButton
          action="people.offboard"
          label="Off-board…"
          targets={selection.map(({ id }) => String(id))}
          noun={['person', 'people']}
          onStart={() => list.clear()}
        />
      )}
      idOf={person => String(person.id)}
      empty="Nobody matches. People appear here when they first use the hub, or are invited to a project."
      details={(person, list) => (
        <Details key={person.id} person={person} list={list} />
      )}
    />
  );
}

type Action = 'transfer' | 'merge' | 'off-board';

function Details(props: { person: Person; list: IList<Person> }): JSX.Element {
  const { person, list } = props;
  const isOther = person.merged_into !== null;
  return (
    <>
      <h2>{person.name}</h2>
      <Facts
        facts={[
          ['Number', person.id],
          ['Account', <AccountState key="state" person={person} />],
          ['Created', <Moment key="created" when={person.created} />],
          ['First visit', <Moment key="first" when={person.first_visit} />],
          ['Last active', <Moment key="active" when={person.last_activity} />],
          ...(person.ended
            ? ([['Deleted', <Moment key="ended" when={person.ended} />]] as const)
            : []),
          ...(isOther ? ([['Merged into', person.merged_into]] as const) : []),
          ['Servers', count(person.servers, 'server')]
        ]}
      />
      <HubRoles person={person} />
      <h3>Projects</h3>
      {person.projects.length === 0 && <p className="orrery-quiet">In none.</p>}
      <ul className="orrery-admin-list">
        {person.projects.map(({ slug, role }) => (
          <li key={slug}>
            <a href={`#projects?q=${encodeURIComponent(slug)}`}>{slug}</a>{' '}
            <Badge>{role}</Badge>
          </li>
        ))}
      </ul>
      <Actions person={person} list={list} />
    </>
  );
}

function Actions(props: { person: Person; list: IList<Person> }): JSX.Element {
  const { person, list } = props;
  const { router } = useAdmin();
  const [action, setAction] = useState<Action>();
  const isOther = person.merged_into !== null;
  const dialog = {
    person,
    onDone: () => list.refresh(),
    onClose: () => setAction(undefined)
  };
  return (
    <>
      <div className="orrery-admin-actions">
        <Button onClick={() => router.open('audit', { person_id: String(person.id) })}>
          Show Audit
        </Button>
        <Button onClick={() => router.open('explain', { user: person.name })}>
          Explain…
        </Button>
        <Button disabled={isOther} onClick={() => setAction('transfer')}>
          Transfer…
        </Button>
        <Button disabled={isOther} onClick={() => setAction('merge')}>
          Merge…
        </Button>
        <Button
          look="error"
          disabled={isOther || person.handed_over !== null}
          onClick={() => setAction('off-board')}
        >
          Off-board…
        </Button>
      </div>
      {action === 'off-board' && <OffboardDialog {...dialog} />}
      {(action === 'transfer' || action === 'merge') && (
        <GiveDialog action={action} {...dialog} />
      )}
    </>
  );
}

function GiveDialog(props: {
  action: 'transfer' | 'merge';
  person: Person;
  onDone: () => void;
  onClose: () => void;
}): JSX.Element {
  const { action, person } = props;
  const { api, toasts } = useAdmin();
  const [name, setName] = useState('');
  const isMerge = action === 'merge';
  const give = async () => {
    const target = await findPerson(api, name);
    await api.call(`people/${person.id}/${action}`, {
      method: 'POST',
      body: { to: target.id }
    });
    toasts.info(
      isMerge
        ? `${person.name} is ${target.name} from now on.`
        : `${target.name} has what belonged to ${person.name}.`
    );
    props.onDone();
  };
  return (
    <Dialog
      title={
        isMerge
          ? `Merge ${person.name} into another person`
          : `Transfer from ${person.name}`
      }
      accept={isMerge ? 'Merge' : 'Transfer'}
      isDangerous={isMerge}
      isReady={name.trim() !== ''}
      onAccept={give}
      onClose={props.onClose}
    >
      <p>
        {isMerge
          ? 'Everything, and the account too, becomes the other person’s. This cannot be undone.'
          : 'Snippets, marks and memberships go to the other person. Both stay who they are.'}
      </p>
      <PersonField label="Name of the other person" value={name} onChange={setName} />
    </Dialog>
  );
}
