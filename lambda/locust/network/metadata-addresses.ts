/**
 * Where clouds serve metadata and credentials to anybody who asks from inside. No setting opens these: some lie in ranges
 * that allowPrivate opens. Each with its documentation.
 */
export const metadataBlocks: readonly string[] = [
  // AWS, Azure, Google, Oracle, OpenStack, DigitalOcean, Hetzner, Akamai: EC2's address, taken over by nearly all.
  '169.254.169.254/32',
  // AWS: credentials of ECS tasks (AmazonECS/latest/developerguide/task-iam-roles.html).
  '169.254.170.2/32',
  // AWS: all services of an instance over IPv6: metadata ::254, EKS Pod Identity ::23, DNS ::253, NTP ::123
  // (AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html).
  'fd00:ec2::/32',
  // Azure: WireServer (learn.microsoft.com, "What is IP address 168.63.129.16?").
  '168.63.129.16/32',
  // Google, on instances with IPv6 only (cloud.google.com/compute/docs/metadata).
  'fd20:ce::254/128',
  // Oracle: Classic, and OCI over IPv6 (docs.oracle.com, "Getting Instance Metadata").
  '192.0.0.192/32',
  'fd00:c1::a9fe:a9fe/128',
  // Alibaba (alibabacloud.com/help/ecs, "Instance metadata"; cloud-init's DataSourceAliYun has the IPv6 one).
  '100.100.100.200/32',
  'fd00:100::100:200/128',
  // Akamai, formerly Linode (techdocs.akamai.com/cloud-computing/docs/metadata-service-api): ::1. `a9fe:a9fe` is EC2's
  // address in hex, and others use it with another ending.
  'fd00:a9fe:a9fe::/48',
  // Scaleway (cloud-init's DataSourceScaleway).
  '169.254.42.42/32',
  'fd00:42::42/128',
];
