"""What each built-in role allows, in a sentence for people who decide whether to give it."""

from collections.abc import Mapping
from types import MappingProxyType
from uuid import UUID

from openpartner.platform.directory_roles import DIRECTORY_ROLES

# Name | sentence
_WORDS = """
Agent ID Administrator | Manages the identities of AI agents: their blueprints, users and credentials.
Agent ID Developer | Creates blueprints of AI agents and owns those it created.
Agent Registry Administrator | Manages the registry in which AI agents are listed.
AI Administrator | Manages Copilot and the other AI services of the organization.
Application Administrator | Registers and manages all applications and their secrets, and consents on everybody's behalf.
Application Developer | Registers applications and manages those it registered.
Attack Payload Author | Writes the content of simulated attacks; somebody else starts them.
Attack Simulation Administrator | Runs simulated attacks to train users.
Attribute Assignment Administrator | Gives users and applications custom security attributes.
Attribute Assignment Reader | Sees which custom security attributes users and applications have.
Attribute Definition Administrator | Defines which custom security attributes there are.
Attribute Definition Reader | Sees which custom security attributes are defined.
Attribute Log Administrator | Reads the log of custom security attributes and chooses where it is sent.
Attribute Log Reader | Reads the log of custom security attributes.
Attribute Provisioning Administrator | Chooses which security attributes are copied to other systems.
Attribute Provisioning Reader | Sees which security attributes are copied to other systems.
Authentication Administrator | Resets passwords and second factors of users who are not administrators, and blocks or deletes them.
Authentication Extensibility Administrator | Adds own steps to how users sign in and sign up.
Authentication Policy Administrator | Decides which ways to sign in are allowed for everybody.
Azure DevOps Administrator | Manages the policies of Azure DevOps.
Azure Information Protection Administrator | Manages labels and protection of documents.
B2C IEF Keyset Administrator | Manages the keys with which customers' sign-ins are signed and encrypted.
B2C IEF Policy Administrator | Manages the policies by which customers sign in.
Billing Administrator | Buys products, manages subscriptions, payment and invoices, and opens support requests.
Cloud App Security Administrator | Manages the protection of cloud applications.
Cloud Application Administrator | Registers and manages all applications and their secrets, without the application proxy, and consents on everybody's behalf.
Cloud Device Administrator | Enables, disables and deletes devices and reads their recovery keys.
Compliance Administrator | Manages compliance settings and reports.
Compliance Data Administrator | Watches over data for compliance and manages alerts about it.
Conditional Access Administrator | Decides under which conditions people may sign in.
Customer Lockbox Access Approver | Lets support staff of the vendor see data, or refuses it.
Desktop Analytics Administrator | Manages the analysis of desktop computers and their updates.
Directory Readers | Reads users, groups, roles, licences, domains and applications. Changes nothing.
Directory Writers | Creates and changes users and groups and assigns licences, but cannot delete users or touch administrators' sign-in.
Domain Name Administrator | Adds, verifies, changes and removes domain names.
Dragon Administrator | Manages the Dragon service.
Dynamics 365 Administrator | Manages Dynamics 365 and opens support requests.
Dynamics 365 Business Central Administrator | Manages the environments of Business Central.
Edge Administrator | Manages the Edge browser for the organization.
Exchange Administrator | Manages mail, mailboxes and Microsoft 365 groups, and opens support requests.
Exchange Backup Administrator | Backs up and restores mailboxes.
Exchange Recipient Administrator | Creates and changes mail recipients and moves mailboxes.
Extended Directory User Administrator | Manages profiles of people outside the organization for Teams.
External ID User Flow Administrator | Manages how people outside the organization sign up and sign in.
External ID User Flow Attribute Administrator | Decides what people are asked when they sign up.
External Identity Provider Administrator | Decides which other providers' sign-ins are trusted.
Fabric Administrator | Manages Fabric and Power BI.
Global Administrator | Can do everything: read and change all users, passwords, roles, data, domains and billing.
Global Reader | Reads all that a Global Administrator can read. Changes nothing.
Global Secure Access Administrator | Manages secure access to the internet and to private networks.
Global Secure Access Log Reader | Reads the logs of network traffic.
Groups Administrator | Creates, changes and deletes groups and their settings.
Guest Inviter | Invites guests.
Helpdesk Administrator | Resets passwords of users who are not administrators, signs them out, and opens support requests.
Hybrid Identity Administrator | Manages the connection to the organization's own directory and how applications sign in.
Identity Governance Administrator | Manages who gets access to what: packages, reviews and group membership.
Insights Administrator | Manages Viva Insights.
Insights Analyst | Runs queries in Viva Insights.
Insights Business Leader | Sees the reports of Viva Insights.
Intune Administrator | Manages devices and their settings, security groups, and some details of users.
IoT Device Administrator | Sets up devices of the internet of things and manages them through their life.
Kaizala Administrator | Manages Kaizala.
Knowledge Administrator | Manages knowledge, learning and security groups.
Knowledge Manager | Organizes topics of knowledge and manages security groups.
License Administrator | Assigns and removes licences and sets the country where users work.
Lifecycle Workflows Administrator | Manages what happens by itself when people join, move and leave.
Message Center Privacy Reader | Reads all announcements of changes, those about privacy too.
Message Center Reader | Reads announcements of changes to the services.
Microsoft 365 Backup Administrator | Backs up and restores data of Microsoft 365.
Microsoft 365 Migration Administrator | Moves content into Microsoft 365.
Microsoft 365 Support Engineer | Looks into problems of Microsoft 365 services.
Microsoft Entra Joined Device Local Administrator | Is administrator of every computer that is joined to the organization.
Microsoft Graph Data Connect Administrator | Decides which data is copied out of Microsoft 365 in bulk.
Microsoft Hardware Warranty Administrator | Manages all warranty claims for hardware.
Microsoft Hardware Warranty Specialist | Makes warranty claims for hardware.
Network Administrator | Describes the organization's network and reads how well it performs.
Office Apps Administrator | Manages Office applications and their settings.
Organizational Branding Administrator | Changes how the sign-in page looks.
Organizational Data Source Administrator | Manages the sources from which data about people comes.
Organizational Messages Approver | Approves messages to all users before they are sent.
Organizational Messages Writer | Writes and sends messages to all users.
Password Administrator | Resets passwords of users who are not administrators.
People Administrator | Manages photos and profile settings of all users.
Permissions Management Administrator | Manages permissions over several clouds.
Places Administrator | Manages buildings, rooms and desks.
Power Platform Administrator | Manages Power Apps, Power Automate and Dynamics 365.
Printer Administrator | Manages printers and their connectors.
Printer Technician | Registers printers and changes their state.
Privileged Authentication Administrator | Resets passwords and second factors of everybody, administrators included, and blocks or deletes them.
Privileged Role Administrator | Gives and takes every directory role, Global Administrator included, and consents to every permission.
Reports Reader | Reads sign-in and audit logs and usage reports.
Search Administrator | Manages search and its settings.
Search Editor | Manages bookmarks, answers and places that search shows.
Security Administrator | Manages security settings, alerts and access of other tenants, and reads all security reports.
Security Operator | Handles security alerts and reads security reports.
Security Reader | Reads security reports, alerts and policies. Changes nothing.
Service Support Administrator | Opens and manages support requests and reads service health.
SharePoint Administrator | Manages SharePoint, OneDrive and Microsoft 365 groups, and opens support requests.
SharePoint Advanced Management Administrator | Manages the advanced settings of SharePoint.
SharePoint Backup Administrator | Backs up and restores SharePoint and OneDrive.
SharePoint Embedded Administrator | Manages the storage that applications keep in SharePoint.
Skype for Business Administrator | Manages Skype for Business.
Teams Administrator | Manages Teams, its meetings, calls and groups, and opens support requests.
Teams Communications Administrator | Manages calls and meetings in Teams.
Teams Communications Support Engineer | Looks into problems with calls, with all details of who took part.
Teams Communications Support Specialist | Looks into problems with the calls of one user.
Teams Devices Administrator | Manages the devices that Teams runs on.
Teams Reader | Reads everything in the admin center of Teams. Changes nothing.
Teams Telephony Administrator | Manages telephony in Teams and looks into problems with calls.
Tenant Creator | Creates new tenants.
Usage Summary Reports Reader | Reads usage totals without seeing individual users.
User Administrator | Creates, changes, blocks and deletes users who are not administrators, resets their passwords, assigns licences and manages groups.
User Experience Success Manager | Reads feedback and usage totals to help people work with the products.
Virtual Visits Administrator | Manages virtual visits.
Viva Glint Tenant Administrator | Manages Viva Glint.
Viva Goals Administrator | Manages Viva Goals.
Viva Pulse Administrator | Manages Viva Pulse.
Windows 365 Administrator | Sets up and manages cloud computers and security groups.
Windows Update Deployment Administrator | Decides when Windows updates are installed.
Yammer Administrator | Manages Viva Engage (Yammer).
"""  # noqa: E501 - one line a role, so that it can be found


def _by_template() -> dict[UUID, str]:
    sentences = dict(line.split(" | ", 1) for line in _WORDS.strip().splitlines())
    return {key: sentences[role.name] for key, role in DIRECTORY_ROLES.items()}


ALLOWS: Mapping[UUID, str] = MappingProxyType(_by_template())
"""By template id, one plain sentence."""
