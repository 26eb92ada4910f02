/**
 * The projects of an owner who is no administrator.
 */
import React from 'react';

import { Badge } from '../controls';
import type { IColumn } from '../datatable';
import { count, Moment } from '../format';
import { Facts, ListView } from '../listview';
import type { Project } from '../schemas';

import { Members } from './projects';

const COLUMNS: readonly IColumn<Project>[] = [
  {
    id: 'name',
    title: 'Name',
    width: 'minmax(160px, 2fr)',
    cell: project => project.name
  },
  {
    id: 'slug',
    title: 'Short name',
    width: 'minmax(120px, 1fr)',
    cell: project => <code>{project.slug}</code>
  },
  {
    id: 'role',
    title: 'You are',
    width: '110px',
    cell: project => <Badge>{project.role}</Badge>
  },
  {
    id: 'members',
    title: 'Members',
    width: '90px',
    cell: project => project.members.toLocaleString('en')
  },
  {
    id: 'updated',
    title: 'Changed',
    width: 'minmax(100px, 1fr)',
    cell: project => <Moment when={project.updated} />
  }
];

export function OwnProjectsView(): JSX.Element {
  return (
    <ListView<Project>
      title="Your projects"
      noun={['project', 'projects']}
      path="projects"
      search="Search your projects by name"
      sort=""
      filters={[
        {
          name: 'deleted',
          label: 'Show',
          initial: 'false',
          options: [
            ['false', 'In use'],
            ['true', 'Deleted']
          ]
        }
      ]}
      columns={COLUMNS}
      idOf={project => project.slug}
      empty="You are in no project. Create one in your lab, or ask an owner to add you."
      details={project => (
        <>
          <h2>{project.name}</h2>
          <p>{project.description}</p>
          <Facts
            facts={[
              ['Short name', <code key="slug">{project.slug}</code>],
              ['You are', <Badge key="role">{project.role}</Badge>],
              ['Created', <Moment key="created" when={project.created} />],
              ['Changed', <Moment key="updated" when={project.updated} />]
            ]}
          />
          <h3>{count(project.members, 'member')}</h3>
          {!project.deleted && (
            <Members key={project.slug} path={`projects/${project.slug}/members`} />
          )}
        </>
      )}
    />
  );
}
