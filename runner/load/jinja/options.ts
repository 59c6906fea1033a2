/** How a template is to be read: what Ansible's template module and `#jinja2:` lines can say. */
export interface Syntax {
  block_start_string: string
  block_end_string: string
  variable_start_string: string
  variable_end_string: string
  comment_start_string: string
  comment_end_string: string
  trim_blocks: boolean
  lstrip_blocks: boolean
  newline_sequence: string
  keep_trailing_newline: boolean
  /**
   * Whether texts within {{ }} have escapes: in template files and conditions, but not in values of YAML, where the
   * quotes of YAML had them already. Texts within {% %} always have.
   */
  escapes: boolean
}

export const IN_YAML: Syntax = {
  block_start_string: '{%',
  block_end_string: '%}',
  variable_start_string: '{{',
  variable_end_string: '}}',
  comment_start_string: '{#',
  comment_end_string: '#}',
  trim_blocks: true,
  lstrip_blocks: false,
  newline_sequence: '\n',
  keep_trailing_newline: false,
  escapes: false,
}

export const IN_FILES: Syntax = { ...IN_YAML, escapes: true }
