/**
 * The members of a project; an owner gives roles and removes members.
 */
import React from 'react';

import type { Page } from '../../../src/base/schemas';

import { useAct } from '../../act';
import { segment } from '../../api';
import { useAdmin } from '../../context';
import { Badge, Button } from '../../controls';
import { count } from '../../format';
import { Items } from '../../items';
import { usePoll } from '../../poll';
import type { Member, Project, ProjectRole } from '../../schemas';

export const ROLES: readonly (readonly [ProjectRole, string])[] = [
  ['viewer', 'Viewer'],
  ['editor', 'Editor'],
  ['owner', 'Owner']
];

export function Members(props: {
  project: Project;
  isOwner: boolean;
  onChange: () => void;
}): JSX.Element {
  const { project, isOwner } = props;
  const path = `projects/${project.slug}/members`;
  const members = usePoll<Page<Member>>(`${path}?limit=200`);
  const refresh = () => {
    members.refresh();
    props.onChange();
  };
  return (
    <>
      <h3>{count(members.value?.total ?? project.members, 'member')}</h3>
      <Items page={members} keyOf={({ user }) => user}>
        {member =>
          isOwner ? (
            <MemberRow path={path} member={member} onChange={refresh} />
          ) : (
            <>
              {member.user} <Badge>{member.role}</Badge>
            </>
          )
        }
      </Items>
    </>
  );
}

function MemberRow(props: {
  path: string;
  member: Member;
  onChange: () => void;
}): JSX.Element {
  const { member, onChange } = props;
  const { api } = useAdmin();
  const act = useAct();
  const path = `${props.path}/${segment(member.user)}`;
  const set = (role: string) => async () => {
    // Whatever comes of it, the row says what is so.
    await api.call(path, { method: 'PUT', body: { role } }).finally(onChange);
    return `${member.user} is ${role} now.`;
  };
  const remove = async () => {
    await api.call(path, { method: 'DELETE' });
    onChange();
    return `${member.user} is no longer a member.`;
  };
  return (
    <span className="orrery-admin-line">
      <span>{member.user}</span>
      <select
        className="orrery-admin-input"
        aria-label={`Role of ${member.user}`}
        value={member.role}
        onChange={event => act(set(event.currentTarget.value))}
      >
        {ROLES.map(([role, title]) => (
          <option key={role} value={role}>
            {title}
          </option>
        ))}
      </select>
      <Button
        look="stealth"
        label={`Remove ${member.user}`}
        onClick={() => act(remove)}
      >
        Remove
      </Button>
    </span>
  );
}
