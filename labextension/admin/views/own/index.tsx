/**
 * The projects of somebody who is no administrator: an owner looks after members, invitations and the project itself.
 */
import React from 'react';

import { momentColumn, slugColumn, textColumn } from '../../columns';
import { Badge } from '../../controls';
import { Moment } from '../../format';
import { Facts, ListView, type IList } from '../../listview';
import type { Project } from '../../schemas';
import type { IColumn } from '../../table/column';

import { Counts } from './counts';
import { Invitations } from './invitations';
import { Members } from './members';
import { ProjectButtons } from './project';

const COLUMNS: readonly IColumn<Project>[] = [
  textColumn('name', 'Name', project => project.name, { width: 'minmax(160px, 2fr)' }),
  slugColumn('slug', 'Short name', project => project.slug),
  textColumn('category', 'Category', project => project.category),
  {
    id: 'role',
    title: 'Your role',
    width: '110px',
    cell: project => <Badge>{project.role}</Badge>
  },
  textColumn('members', 'Members', project => project.members.toLocaleString('en'), {
    width: '90px'
  }),
  momentColumn('updated', 'Changed', project => project.updated)
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
      details={(project, list) => (
        <Details key={project.slug} project={project} list={list} />
      )}
    />
  );
}

function Details(props: { project: Project; list: IList<Project> }): JSX.Element {
  const { project, list } = props;
  const isOwner = project.role === 'owner' && !project.deleted;
  return (
    <>
      <h2>{project.name}</h2>
      <p className="orrery-admin-prose">{project.description}</p>
      <Facts
        facts={[
          ['Short name', <code key="slug">{project.slug}</code>],
          ['You are', <Badge key="role">{project.role}</Badge>],
          ['Created', <Moment key="created" when={project.created} />],
          ['Changed', <Moment key="updated" when={project.updated} />]
        ]}
      />
      {project.role === 'owner' && <ProjectButtons project={project} list={list} />}
      {!project.deleted && (
        <>
          <Counts slug={project.slug} />
          <Members
            project={project}
            isOwner={isOwner}
            onChange={() => list.refresh()}
          />
          {isOwner && <Invitations slug={project.slug} />}
        </>
      )}
    </>
  );
}
