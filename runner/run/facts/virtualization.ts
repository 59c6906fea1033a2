import type { Vars } from '../../load/types.ts'
import type { Found } from './found.ts'

/** What the firmware of virtual machines calls itself: file of /sys/class/dmi/id, what it says, what that is. */
const FIRMWARE: [file: string, says: RegExp, is: string][] = [
  ['product_name', /^(KVM|KVM Server|Bochs|AHV)$|^Standard PC|KubeVirt|OpenStack|CloudStack/, 'kvm'],
  ['product_name', /^(RHEV Hypervisor|oVirt Node)$/, 'RHEV'],
  ['product_name', /^VMware/, 'VMware'],
  ['product_name', /^Parallels/, 'parallels'],
  ['bios_vendor', /^Xen$/, 'xen'],
  ['bios_vendor', /^innotek GmbH$/, 'virtualbox'],
  ['bios_vendor', /^(Amazon EC2|DigitalOcean|Hetzner)$/, 'kvm'],
  ['sys_vendor', /^Microsoft Corporation$/, 'VirtualPC'],
  ['sys_vendor', /^Parallels Software International Inc\.$/, 'parallels'],
  [
    'sys_vendor',
    /^(QEMU|Amazon EC2|DigitalOcean|Google|Hetzner|Linode|Nutanix|Red Hat|Scaleway|OpenStack Foundation)$/,
    'kvm',
  ],
]

/** As far as files tell, containers first. */
export function virtualizationFacts(found: Found): Vars {
  const guest = guestOf(found)
  const host = found.has('/dev/kvm') || found.has('/sys/module/kvm') ? 'kvm' : undefined
  const is = guest ?? host
  return { virtualization_type: is ?? 'NA', virtualization_role: guest ? 'guest' : host ? 'host' : 'NA' }
}

function guestOf(found: Found): string | undefined {
  const groups = found.text('/proc/1/cgroup')
  if (/\/docker(\/|-[0-9a-f]+\.scope)/m.test(groups)) return 'docker'
  if (/\/lxc\/|\/machine\.slice\/machine-lxc/m.test(groups)) return 'lxc'
  if (/\/system\.slice\/containerd\.service/m.test(groups)) return 'containerd'
  const container = /(?:^|\0)container=([^\0]+)/.exec(found.text('/proc/1/environ'))?.[1]
  if (container) return /^(lxc|podman)$/.test(container) ? container : 'container'
  if (found.has('/proc/vz') && !found.has('/proc/lve')) return 'openvz'
  const systemd = found.word('/run/systemd/container')
  if (systemd !== '') return systemd
  if (found.has('/.dockerenv') || found.has('/.dockerinit')) return 'docker'
  if (found.has('/run/.containerenv')) return 'podman'
  if (found.has('/proc/xen') || found.word('/sys/hypervisor/type') === 'xen') return 'xen'
  const machine = FIRMWARE.find(([file, says]) => says.test(found.word(`dmi ${file}`)))?.[2]
  if (machine) return machine
  return /QEMU Virtual CPU/.test(found.text('cpus')) ? 'kvm' : undefined
}
