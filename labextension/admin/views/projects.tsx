/**
 * Projects of the hub: those in use, deleted ones, and those that nobody can change any more.
 */
import React, { useState } from 'react';

import type { Page } from '../../src/base/schemas';

import { useAct } from '../act';
import { BulkButton } from '../bulk';
import { momentColumn, slugColumn } from '../columns';
import { useAdmin } from '../context';
import { Badge, Button } from '../controls';
import { Dialog } from '../dialog';
import { PersonField } from '../fields';
import { count, Moment } from '../format';
import { Items } from '../items';
import { Facts, ListView, type IList } from '../listview';
import { usePoll } from '../poll';
import type { ManagedProject, Member } from '../schemas';
import type { IColumn } from '../table/column';

const COLUMNS: readonly IColumn<ManagedProject>[] = [
  {
    id: 'name',
    title: 'Name',
    width: 'minmax(160px, 2fr)',
    isSortable: true,
    cell: project => project.name
  },
  slugColumn('slug', 'Short name', project => project.slug, { isSortable: true }),
  {
    id: 'owners',
    title: 'Owners',
    width: 'minmax(120px, 1.5fr)',
    cell: project =>
      project.owners.length > 0 ? (
        project.owners.join(', ')
      ) : (
        <Badge level="warning">Nobody</Badge>
      )
  },
  {
    id: 'members',
    title: 'Members',
    width: '90px',
    isSortable: true,
    cell: project => project.members.toLocaleString('en')
  },
  momentColumn('updated', 'Changed', project => project.updated, { isSortable: true }),
  momentColumn('created', 'Created', project => project.created, { isSortable: true }),
  {
    id: 'deleted',
    title: 'State',
    width: '110px',
    isSortable: true,
    cell: project => <ProjectState project={project} />
  }
];

function ProjectState({ project }: { project: ManagedProject }): JSX.Element {
  return project.deleted ? (
    <Badge level="bad">Deleted</Badge>
  ) : (
    <Badge level="good">In use</Badge>
  );
}

export function ProjectsView(): JSX.Element {
  return (
    <ListView<ManagedProject>
      title="Projects"
      noun={['project', 'projects']}
      path="admin/projects"
      search="Search projects by name"
      sort="name"
      filters={[
        {
          name: 'state',
          label: 'Show',
          initial: 'in_use',
          options: [
            ['in_use', 'In use'],
            ['deleted', 'Deleted'],
            ['ownerless', 'Without an owner'],
            ['all', 'All']
          ]
        }
      ]}
      columns={COLUMNS}
      idOf={project => project.slug}
      canSelect
      actions={(selection, list) => (
        <>
          <BulkButton
            action="projects.recover"
            label="Give to…"
            targets={selection.map(({ slug }) => slug)}
            noun={['project', 'projects']}
            argument={['user', 'Name of the new owner']}
            onStart={() => list.clear()}
          />
          <BulkButton
            action="projects.undelete"
            label="Bring Back…"
            targets={selection.map(({ slug }) => slug)}
            noun={['project', 'projects']}
            onStart={() => list.clear()}
          />
        </>
      )}
      empty="No project matches. People create projects in their labs."
      details={(project, list) => (
        <Details key={project.slug} project={project} list={list} />
      )}
    />
  );
}

function Details(props: {
  project: ManagedProject;
  list: IList<ManagedProject>;
}): JSX.Element {
  const { project, list } = props;
  return (
    <>
      <h2>{project.name}</h2>
      <Facts
        facts={[
          ['Short name', <code key="slug">{project.slug}</code>],
          ['State', <ProjectState key="state" project={project} />],
          ['Owners', project.owners.join(', ') || 'Nobody who has an account'],
          ['Created', <Moment key="created" when={project.created} />],
          ['Changed', <Moment key="updated" when={project.updated} />],
          ...(project.deleted
            ? ([
                ['Deleted', <Moment key="deleted" when={project.deleted} />],
                ['Removed for good', <Moment key="purge" when={project.purge_after} />]
              ] as const)
            : [])
        ]}
      />
      <ProjectButtons project={project} onChange={() => list.refresh()} />
      <h3>{count(project.members, 'member')}</h3>
      <Members path={`admin/projects/${project.slug}/members`} />
    </>
  );
}

function ProjectButtons(props: {
  project: ManagedProject;
  onChange: () => void;
}): JSX.Element {
  const { project } = props;
  const { api, router } = useAdmin();
  const act = useAct();
  const [isRecovering, setRecovering] = useState(false);
  const restore = async () => {
    await api.call(`admin/projects/${project.slug}/undelete`, { method: 'POST' });
    props.onChange();
    return `${project.name} is back.`;
  };
  return (
    <div className="orrery-admin-actions">
      <Button onClick={() => router.open('audit', { project: project.slug })}>
        Show Audit
      </Button>
      {project.deleted && (
        <Button look="accent" onClick={() => act(restore)}>
          Bring Back
        </Button>
      )}
      {project.owners.length === 0 && (
        <Button look="accent" onClick={() => setRecovering(true)}>
          Give to…
        </Button>
      )}
      {isRecovering && (
        <RecoverDialog
          project={project}
          onDone={props.onChange}
          onClose={() => setRecovering(false)}
        />
      )}
    </div>
  );
}

/** The first members of a project, by name. */
function Members({ path }: { path: string }): JSX.Element {
  const members = usePoll<Page<Member>>(`${path}?limit=200`);
  return (
    <Items page={members} keyOf={({ user }) => user}>
      {({ user, role }) => (
        <>
          {user} <Badge>{role}</Badge>
        </>
      )}
    </Items>
  );
}

function RecoverDialog(props: {
  project: ManagedProject;
  onDone: () => void;
  onClose: () => void;
}): JSX.Element {
  const { project } = props;
  const { api, toasts } = useAdmin();
  const [user, setUser] = useState('');
  const recover = async () => {
    await api.call(`ownerless-projects/${project.slug}`, {
      method: 'PUT',
      body: { user: user.trim() }
    });
    toasts.info(`${user.trim()} owns ${project.name} from now on.`);
    props.onDone();
  };
  return (
    <Dialog
      title={`Give ${project.name} to somebody`}
      accept="Make Owner"
      isReady={user.trim() !== ''}
      onAccept={recover}
      onClose={props.onClose}
    >
      <p>No owner of this project has an account. Who is to own it?</p>
      <PersonField label="Name of the new owner" value={user} onChange={setUser} />
    </Dialog>
  );
}
