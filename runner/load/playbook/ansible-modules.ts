import { unqualified } from './keywords.ts'

/**
 * Modules of ansible-core 2.19, and those of its collections for other package managers and for PostgreSQL: a name of these is
 * no misspelling of another one, whether it is here or not.
 */
const NAMES = new Set(
  `add_host apk apt apt_key apt_repository assemble assert async_status blockinfile command copy cron deb822_repository debconf
  debug dnf dnf5 dnf_versionlock dpkg_selections expect fail fetch file find gather_facts get_url getent git group group_by
  homebrew hostname include_vars iptables known_hosts lineinfile mount_facts opkg package package_facts pacman pacman_key pause
  ping pip pkgng portage postgresql_copy postgresql_idx postgresql_lang postgresql_sequence postgresql_user_obj_stat_info raw
  reboot replace rpm_key script service service_facts set_fact set_stats setup shell slurp stat subversion systemd
  systemd_service sysvinit tempfile template unarchive uri user validate_argument_spec wait_for wait_for_connection win_command
  win_copy win_file win_shell win_template xbps yum yum_repository yum_versionlock zypper zypper_repository`.split(
    /\s+/,
  ),
)

export const isAnsibles = (word: string): boolean =>
  NAMES.has(unqualified(word).replace(/^[a-z0-9_]+\.[a-z0-9_]+\./, ''))
