/** What a server says of its resources, as the SDK's `McpServerOptions.capabilities` has it. */
export interface ResourceCapabilities {
  /** Whether clients may subscribe to resources: the code calls `notify.resourceUpdated()`. Default false. */
  readonly subscribe?: boolean | undefined;
  /**
   * Whether what the templates list changes while the server runs: the code calls `notify.resourcesChanged()`. Default
   * false.
   */
  readonly listChanged?: boolean | undefined;
}
