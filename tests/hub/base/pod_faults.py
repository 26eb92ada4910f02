"""Pods that do not start, with the true cause of each: what Kubernetes, Kueue and autoscalers say, from their source and from public bug reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from orrery_wire.queue import CauseKind

Json = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """What is seen of a pod, and what is wrong with it."""

    name: str
    truth: CauseKind | None
    pod: Json | None = None
    events: tuple[Json, ...] = ()
    workload: Json | None = None
    refusal: Json | None = None


def event(reason: str, message: str, *, kind: str = "Warning", minute: int = 1) -> Json:
    return {
        "type": kind,
        "reason": reason,
        "message": message,
        "lastTimestamp": f"2026-11-20T10:{minute:02}:00Z",
    }


def unscheduled(message: str, reason: str = "Unschedulable") -> Json:
    condition = {"type": "PodScheduled", "status": "False", "reason": reason, "message": message}
    return {"status": {"phase": "Pending", "conditions": [condition]}}


def scheduled(**more: Any) -> Json:
    condition = {"type": "PodScheduled", "status": "True"}
    return {"status": {"phase": "Pending", "conditions": [condition], **more}}


def container(**state: Any) -> list[Json]:
    return [{"name": "notebook", "ready": False, **state}]


def waits(reason: str, message: str = "", **more: Any) -> Json:
    statuses = container(state={"waiting": {"reason": reason, "message": message}}, **more)
    return scheduled(containerStatuses=statuses)


def failed(reason: str, message: str) -> Json:
    return {"status": {"phase": "Failed", "reason": reason, "message": message}}


def refused(message: str, code: int = 403) -> Json:
    return {"kind": "Status", "status": "Failure", "message": message, "code": code}


def kueue(message: str, reason: str = "Pending") -> Json:
    condition = {"type": "QuotaReserved", "status": "False", "reason": reason, "message": message}
    return {"status": {"conditions": [condition]}}


def evicted(reason: str, message: str) -> Json:
    condition = {"type": "Evicted", "status": "True", "reason": reason, "message": message}
    return {"status": {"conditions": [condition]}}


GATED = unscheduled("Scheduling is blocked due to non-empty scheduling gates", "SchedulingGated")
CREATING = scheduled(
    containerStatuses=container(state={"waiting": {"reason": "ContainerCreating"}})
)

FAULTS: tuple[Fault, ...] = (
    # Devices.
    Fault("one node, device taken", "capacity", unscheduled("0/1 nodes are available: 1 Insufficient nvidia.com/gpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod..")),
    Fault("devices taken, others have none", "capacity", unscheduled("0/9 nodes are available: 2 Insufficient nvidia.com/gpu, 3 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 4 node(s) didn't match Pod's node affinity/selector. preemption: 0/9 nodes are available: 7 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.")),
    Fault("MIG slice taken", "capacity", unscheduled("0/4 nodes are available: 1 Insufficient cpu, 4 Insufficient nvidia.com/mig-1g.10gb.")),
    Fault("AMD device taken", "capacity", unscheduled("0/2 nodes are available: 2 Insufficient amd.com/gpu.")),
    Fault("DRA claim", "capacity", unscheduled("0/3 nodes are available: 3 cannot allocate all claims. still not schedulable, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.")),
    Fault("lost a race for the device", "capacity", failed("OutOfnvidia.com/gpu", "Node didn't have enough resource: nvidia.com/gpu, requested: 1, used: 8, capacity: 8")),
    Fault("node group at its maximum", "capacity", unscheduled("0/12 nodes are available: 12 node(s) didn't match Pod's node affinity/selector."), (event("NotTriggerScaleUp", "pod didn't trigger scale-up: 12 node(s) didn't match Pod's node affinity/selector, 3 max node group size reached", kind="Normal"),)),
    Fault("cloud is out of devices", "capacity", unscheduled("0/3 nodes are available: 3 Insufficient nvidia.com/gpu."), (event("FailedScaleUp", "Node scale up in zones europe-west4-a associated with this pod failed: GCE out of resources. Pod is at risk of not being scheduled."),)),
    # Nodes.
    Fault("selector matches none", "no_node", unscheduled("0/6 nodes are available: 6 node(s) didn't match Pod's node affinity/selector. preemption: 0/6 nodes are available: 6 Preemption is not helpful for scheduling.")),
    Fault("taint that nobody tolerates", "no_node", unscheduled("0/1 nodes are available: 1 node(s) had untolerated taint {gpu: }. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling..")),
    Fault("taint, in the words of old versions", "no_node", unscheduled("0/13 nodes are available: 5 node(s) had taint {node-role.kubernetes.io/master: }, that the pod didn't tolerate, 8 node(s) had taint {nvidia.com/gpu: }, that the pod didn't tolerate.")),
    Fault("no nodes at all", "no_node", unscheduled("no nodes available to schedule pods")),
    Fault("only an event, no condition", "no_node", {"status": {"phase": "Pending"}}, (event("FailedScheduling", "0/2 nodes are available: 2 node(s) didn't match node selector."),)),
    Fault("admission by the kubelet", "no_node", failed("NodeAffinity", "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector")),
    Fault("processors", "node_resources", unscheduled("0/3 nodes are available: 1 Insufficient memory, 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.")),
    Fault("memory, other nodes tainted", "node_resources", unscheduled("0/5 nodes are available: 2 Insufficient memory, 3 node(s) had untolerated taint {nvidia.com/gpu: present}.")),
    Fault("too many pods", "node_resources", unscheduled("0/2 nodes are available: 2 Too many pods.")),
    Fault("disk pressure", "node_resources", unscheduled("0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }.")),
    Fault("evicted for its disk", "node_resources", failed("Evicted", "The node was low on resource: ephemeral-storage. Threshold quantity: 10120387530, available: 9456308Ki.")),
    Fault("node out of reach", "node_fault", unscheduled("0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.")),
    Fault("device lost", "node_fault", failed("UnexpectedAdmissionError", "Pod Allocate failed due to device plugin GetPreferredAllocation rpc failed with err: rpc error: code = Unknown desc = Unable to retrieve list of available devices: error creating nvml.Device 5: nvml: GPU is lost, which is unexpected")),
    Fault("device plugin counts wrongly", "node_fault", failed("UnexpectedAdmissionError", "Pod Allocate failed due to requested number of devices unavailable for nvidia.com/gpu. Requested:1, Available: 0, which is unexpected")),
    Fault("node shut down", "node_fault", failed("NodeShutdown", "Pod was rejected as the node is shutting down.")),
    Fault("node is cordoned", "drained", unscheduled("0/2 nodes are available: 2 node(s) were unschedulable.")),
    Fault("a node is ordered", "scaling", unscheduled("0/3 nodes are available: 3 Insufficient nvidia.com/gpu."), (event("TriggeredScaleUp", "pod triggered scale-up: [{gpu-pool 0->1 (max: 4)}]", kind="Normal"),)),
    # Quota.
    Fault("quota of the namespace", "quota", refusal=refused('pods "jupyter-grace" is forbidden: exceeded quota: gpu-quota, requested: requests.nvidia.com/gpu=1, used: requests.nvidia.com/gpu=4, limited: requests.nvidia.com/gpu=4')),
    Fault("quota needs limits", "quota", refusal=refused('pods "jupyter-admweninger" is forbidden: failed quota: tenant-42: must specify limits.cpu,limits.memory')),
    Fault("limit range", "quota", refusal=refused('pods "jupyter-grace" is forbidden: maximum memory usage per Container is 16Gi, but limit is 32Gi')),
    Fault("Kueue: nothing unused", "quota", GATED, workload=kueue("couldn't assign flavors to pod set main: insufficient unused quota for nvidia.com/gpu in flavor h200, 1 more needed")),
    Fault("Kueue: cohort", "quota", GATED, workload=kueue("couldn't assign flavors to pod set main: insufficient unused quota in cohort for nvidia.com/gpu in flavor default-flavor, 8 more needed")),
    Fault("cloud quota", "quota", unscheduled("0/3 nodes are available: 3 Insufficient nvidia.com/gpu."), (event("FailedScaleUp", "Node scale up in zones us-central1-a associated with this pod failed: GCE quota exceeded. Pod is at risk of not being scheduled."),)),
    Fault("Kueue: never fits", "too_large", GATED, workload=kueue("couldn't assign flavors to pod set main: insufficient quota for nvidia.com/gpu in flavor h200, request > maximum capacity (24 > 16)")),
    Fault("Kueue: stopped", "drained", GATED, workload=kueue("ClusterQueue gpu is inactive", "Inadmissible")),
    Fault("Kueue: no such queue", "configuration", GATED, workload=kueue("LocalQueue team-a doesn't exist", "Inadmissible")),
    Fault("Kueue: preempted", "preempted", GATED, workload=evicted("Preempted", "Preempted to accommodate a workload (UID: 1) in the ClusterQueue")),
    Fault("Kueue: not looked at", "ahead", GATED, workload={"status": {}}),
    Fault("preempted by the scheduler", "preempted", {"status": {"phase": "Failed", "conditions": [{"type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler", "message": "default-scheduler: preempting to accommodate a higher priority pod"}]}}),
    # Images.
    Fault("tag does not exist", "image", waits("ImagePullBackOff", 'Back-off pulling image "quay.io/team/lab:2026-13"'), (event("Failed", 'Failed to pull image "quay.io/team/lab:2026-13": rpc error: code = NotFound desc = failed to pull and unpack image: quay.io/team/lab:2026-13: not found'),)),
    Fault("registry wants a log-in", "image", waits("ErrImagePull", "rpc error: code = Unknown desc = Error response from daemon: unauthorized: authentication required")),
    Fault("no such name", "image", waits("InvalidImageName", 'Failed to apply default image tag "Lab:latest": couldn\'t parse image name "Lab:latest": invalid reference format: repository name must be lowercase')),
    Fault("wrong architecture", "image", waits("ErrImagePull", 'Failed to pull image "lab:1": no matching manifest for linux/arm64/v8 in the manifest list entries')),
    Fault("init container's image", "image", scheduled(initContainerStatuses=container(state={"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}))),
    Fault("only an event of the pull", "image", CREATING, (event("Failed", 'Failed to pull image "lab:2": rpc error: code = DeadlineExceeded desc = context deadline exceeded'),)),
    # Volumes.
    Fault("attached elsewhere", "volume", CREATING, (event("FailedAttachVolume", 'Multi-Attach error for volume "pvc-7a81d56f-1cf9-11eb-8295-b6961e0a47ed" Volume is already exclusively attached to one node and can\'t be attached to another'),)),
    Fault("mount takes for ever", "volume", CREATING, (event("FailedMount", "Unable to attach or mount volumes: unmounted volumes=[home], unattached volumes=[home kube-api-access-x]: timed out waiting for the condition"), event("Scheduled", "Successfully assigned hub/jupyter-grace to n1", kind="Normal", minute=0))),
    Fault("claim does not exist", "volume", unscheduled('0/3 nodes are available: persistentvolumeclaim "claim-grace" not found. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.')),
    Fault("claim is not bound", "volume", unscheduled("0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.")),
    Fault("disk is in another zone", "volume", unscheduled("0/4 nodes are available: 1 Insufficient nvidia.com/gpu, 3 node(s) had volume node affinity conflict.")),
    # Set up wrongly.
    Fault("secret is missing", "configuration", CREATING, (event("FailedMount", 'MountVolume.SetUp failed for volume "tls" : secret "lab-tls" not found'),)),
    Fault("variable from a missing map", "configuration", waits("CreateContainerConfigError", 'configmap "lab-env" not found')),
    Fault("command does not exist", "configuration", waits("RunContainerError", 'failed to create containerd task: OCI runtime create failed: exec: "start-lab": executable file not found in $PATH')),
    Fault("no service account", "configuration", refusal=refused('pods "jupyter-grace" is forbidden: error looking up service account hub/nb-grace: serviceaccount "nb-grace" not found')),
    Fault("invalid manifest", "configuration", refusal=refused('Pod "jupyter-grace" is invalid: spec.containers[0].resources.requests: Invalid value: "8": must be less than or equal to cpu', 422)),
    # Rules, network, control plane.
    Fault("webhook", "policy", refusal=refused('admission webhook "validation.gatekeeper.sh" denied the request: [userpodlimits] container <notebook> has no cpu limit', 403)),
    Fault("pod security", "policy", refusal=refused('pods "jupyter-grace" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false', 403)),
    Fault("no address", "network", CREATING, (event("FailedCreatePodSandBox", 'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "2585": plugin type="aws-cni" name="aws-cni" failed (add): add cmd: failed to assign an IP address to container'),)),
    Fault("control plane is busy", "control_plane", refusal=refused("etcdserver: request timed out", 500)),
    Fault("namespace goes", "control_plane", refusal=refused("pods is forbidden: unable to create new content in namespace hub because it is being terminated")),
    # The program.
    Fault("out of memory at once", "memory", waits("CrashLoopBackOff", "back-off 40s restarting failed container=notebook", lastState={"terminated": {"reason": "OOMKilled", "exitCode": 137}})),
    Fault("startup script fails", "crash", waits("CrashLoopBackOff", "back-off 1m20s restarting failed container=notebook", lastState={"terminated": {"reason": "Error", "exitCode": 1}})),
    Fault("ended with an error", "crash", {"status": {"phase": "Failed", "containerStatuses": container(state={"terminated": {"reason": "Error", "exitCode": 127}})}}),
    Fault("out of memory", "memory", {"status": {"phase": "Failed", "containerStatuses": container(state={"terminated": {"reason": "OOMKilled", "exitCode": 137}})}}),
    Fault("time is over", "time_limit", failed("DeadlineExceeded", "Pod was active on the node longer than the specified deadline")),
    # A second set, written after the rules and classified at once: 29 of 30 were right.
    Fault("second set, 1", "capacity", pod=unscheduled("0/4 nodes are available: 1 node(s) had untolerated taint {dedicated: hub}, 3 Insufficient nvidia.com/mig-2g.20gb. preemption: not eligible due to preemptionPolicy=Never.")),
    Fault("second set, 2", "no_node", pod=unscheduled("0/2 nodes are available: 1 node(s) didn't match pod affinity rules, 1 node(s) didn't match pod anti-affinity rules.")),
    Fault("second set, 3", "no_node", pod=unscheduled("0/3 nodes are available: 3 node(s) didn't match pod topology spread constraints.")),
    Fault("second set, 4", "volume", pod=unscheduled("running PreBind plugin \"VolumeBinding\": binding volumes: context deadline exceeded")),
    Fault("second set, 5", "volume", pod=unscheduled("0/1 nodes are available: 1 node(s) exceed max volume count.")),
    Fault("second set, 6", "image", pod=waits("ImagePullBackOff","Back-off pulling image \"x\": ErrImagePull: toomanyrequests: You have reached your pull rate limit.")),
    Fault("second set, 7", "image", pod=waits("ErrImageNeverPull","Container image \"lab:dev\" is not present with pull policy of Never")),
    Fault("second set, 8", "volume", pod=CREATING, events=(event("FailedMount","MountVolume.MountDevice failed for volume \"pvc-1\" : rpc error: code = Aborted desc = an operation with the given Volume ID already exists"),)),
    Fault("second set, 9", "volume", pod=CREATING, events=(event("FailedMount","MountVolume.SetUp failed for volume \"nfs\" : mount failed: exit status 32 Output: mount.nfs: Connection timed out"),)),
    Fault("second set, 10", "configuration", pod=CREATING, events=(event("FailedMount","MountVolume.SetUp failed for volume \"cfg\" : configmap \"lab-cfg\" not found"),)),
    Fault("second set, 11", "configuration", refusal=refused('pods "x" is forbidden: no PriorityClass with name interactive was found')),
    Fault("second set, 12", "configuration", refusal=refused('Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.gpus"',400)),
    Fault("second set, 13", "policy", refusal=refused('admission webhook "mpod.kb.io" denied the request: metadata.labels: queue-name is immutable',403)),
    Fault("second set, 14", "quota", refusal=refused('pods "x" is forbidden: [maximum cpu usage per Pod is 8, but limit is 16, maximum memory usage per Pod is 32Gi, but limit is 64Gi]')),
    Fault("second set, 15", "control_plane", refusal=refused('Internal error occurred: failed calling webhook "x": Post "https://kueue": context deadline exceeded',500)),
    Fault("second set, 16", "node_resources", pod=failed("OutOfcpu","Node didn't have enough resource: cpu, requested: 8000, used: 3000, capacity: 4000")),
    Fault("second set, 17", "node_resources", pod=failed("Evicted","Pod ephemeral local storage usage exceeds the total limit of containers 10Gi.")),
    Fault("second set, 18", "preempted", pod={"status":{"phase":"Running","conditions":[{"type":"TerminationTarget","status":"True","reason":"Preempted","message":"Preempted to accommodate a workload"}]}}),
    Fault("second set, 19", "node_fault", pod={"status":{"phase":"Running","conditions":[{"type":"DisruptionTarget","status":"True","reason":"DeletionByTaintManager","message":"Taint manager: deleting due to NoExecute taint"}]}}),
    Fault("second set, 20", "quota", pod=GATED, workload=kueue("Workload didn't fit in the remaining quota")),
    Fault("second set, 21", "no_node", pod=GATED, workload=kueue("couldn't assign flavors to pod set main: untolerated taint {gpu true NoSchedule} in flavor h200")),
    Fault("second set, 22", "drained", pod=GATED, workload=kueue("LocalQueue team is stopped")),
    Fault("second set, 23", "capacity", pod=GATED, workload=kueue("Workload is waiting for preemption to complete: Preempted to accommodate")),
    Fault("second set, 24", "crash", pod=waits("CrashLoopBackOff","", lastState={"terminated":{"reason":"Completed","exitCode":0}})),
    Fault("second set, 25", "network", pod=CREATING, events=(event("FailedCreatePodSandBox","Failed to create pod sandbox: plugin type=\"calico\" failed (add): error getting ClusterInformation: connection is unauthorized"),)),
    Fault("second set, 26", "node_fault", pod=scheduled(), events=(event("NodeNotReady","Node is not ready"),)),
    Fault("second set, 27", "scaling", pod=unscheduled("0/1 nodes are available: 1 node(s) had untolerated taint {nvidia.com/gpu: present}."), events=(event("TriggeredScaleUp","pod triggered scale-up: [{g 0->1 (max: 2)}]",kind="Normal"),)),
    Fault("second set, 28", "no_node", pod=unscheduled("0/5 nodes are available: 5 node(s) had untolerated taint {x: y}."), events=(event("NotTriggerScaleUp","pod didn't trigger scale-up: 2 node(s) had untolerated taint {x: y}",kind="Normal"),)),
    Fault("second set, 29", "starting", pod=scheduled(initContainerStatuses=container(state={"running":{}}), containerStatuses=container(state={"waiting":{"reason":"PodInitializing"}}))),
    Fault("second set, 30", "crash", pod={"status":{"phase":"Running","conditions":[{"type":"PodScheduled","status":"True"},{"type":"Ready","status":"False"}],"containerStatuses":container(state={"running":{}})}}, events=(event("Unhealthy","Readiness probe failed: HTTP probe failed with statuscode: 503"),)),
    # Nothing is wrong, or no longer.
    Fault("image is fetched", "starting", CREATING, (event("Pulling", 'Pulling image "lab:1"', kind="Normal"), event("Scheduled", "Successfully assigned", kind="Normal", minute=0))),
    Fault("the volume came late", "starting", CREATING, (event("FailedAttachVolume", "Multi-Attach error for volume"), event("SuccessfulAttachVolume", "AttachVolume.Attach succeeded", kind="Normal", minute=2), event("Pulling", 'Pulling image "lab:1"', kind="Normal", minute=3))),
    Fault("it runs", None, {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}),
)  # fmt: skip
