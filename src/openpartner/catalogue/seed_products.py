# ruff: noqa: E501 - these are tables, read by line
"""What the sandbox sells: well-known product names as facts, every price made up.

One line a SKU: part number | product id (empty: made from the part) | title | price in US cents | facts.
Licences and SaaS are priced for one seat and month, software and reservations for the unit and year (or for ever).
Facts: max and min seats, plans, cat (legacy category), base (one of these parts must be owned), percent (least share of
the base seats), up (upgrades), seg (segments besides commercial, or only= them), trial (there is one), guid (licence
part), offer (legacy id), rise (percent the price rose on 2026-01-01), attest, unit, pub (publisher), po (a purchase order
document is asked for), arm, region, out, type and sku of reservations. ``_`` in a value stands for a blank.
"""

from typing import Final

#: plans: m = month by month, y = a year monthly or upfront, 3 = three years in three ways. Default my3.
LICENSES: Final = """
O365_BUSINESS_ESSENTIALS | CFQ7TTC0LH18 | Microsoft 365 Business Basic | 600 | max=300 cat=SmallBusiness trial=1 seg=nonprofit up=O365_BUSINESS_PREMIUM,SPB guid=3b555118-da6a-4418-894f-7df1e2096870 offer=bd938f12-058f-4927-bba3-ae36b1d2501c
O365_BUSINESS_PREMIUM | CFQ7TTC0LDPB | Microsoft 365 Business Standard | 1250 | max=300 cat=SmallBusiness trial=1 seg=nonprofit up=SPB guid=f245ecc8-75af-4f8e-b61f-27d8114de5f3 offer=031c9e47-4802-4248-838e-778fb1d2cc05
SPB | CFQ7TTC0LCHC | Microsoft 365 Business Premium | 2200 | max=300 cat=SmallBusiness trial=1 seg=nonprofit up=SPE_E3,SPE_E5 guid=cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46
O365_BUSINESS | CFQ7TTC0LH1G | Microsoft 365 Apps for business | 825 | max=300 cat=SmallBusiness trial=1 up=O365_BUSINESS_PREMIUM,SPB guid=cdd28e44-67e3-425e-be4c-737fab2899d3
OFFICESUBSCRIPTION | CFQ7TTC0LGZT | Microsoft 365 Apps for enterprise | 1200 | cat=Enterprise trial=1 seg=government up=ENTERPRISEPACK,SPE_E3 guid=c2273bd0-dff7-4215-9ef5-2c7bcfb06425
SPE_F1 | | Microsoft 365 F3 | 800 | cat=Enterprise up=SPE_E3 guid=66b55226-6b4f-492c-910c-a3b7a3c9d993
M365_F1 | | Microsoft 365 F1 | 225 | cat=Enterprise up=SPE_F1
SPE_E3 | CFQ7TTC0LFLX | Microsoft 365 E3 | 3600 | cat=Enterprise trial=1 seg=nonprofit,government up=SPE_E5 guid=05e9a617-0261-4cee-bb44-138d3ef5d965 offer=2b3b8d2d-10aa-4be4-b5fd-7f2feb0c3091 rise=5
SPE_E5 | CFQ7TTC0LFLZ | Microsoft 365 E5 | 5700 | cat=Enterprise trial=1 seg=nonprofit,government guid=06ebc4ee-1bb5-47dd-8120-11324bc54e06 rise=5
STANDARDPACK | CFQ7TTC0LF8Q | Office 365 E1 | 1000 | cat=Enterprise trial=1 seg=nonprofit up=ENTERPRISEPACK,ENTERPRISEPREMIUM guid=18181a46-0d4e-45cd-891e-60aabd171b4e offer=91fd106f-4b2c-4938-95ac-f54f74e9a239
ENTERPRISEPACK | CFQ7TTC0LF8R | Office 365 E3 | 2300 | cat=Enterprise trial=1 seg=nonprofit,government up=ENTERPRISEPREMIUM,SPE_E3,SPE_E5 guid=6fd2c87f-b296-42f0-b197-1e91e994b900 offer=796b6b5f-613c-4e24-a17c-eba730d49c02 rise=5
ENTERPRISEPREMIUM | CFQ7TTC0LF8S | Office 365 E5 | 3800 | cat=Enterprise trial=1 seg=government up=SPE_E5 guid=c7df2760-2c81-4ef7-b578-5b5392b571df rise=5
DESKLESSPACK | | Office 365 F3 | 400 | cat=Enterprise up=STANDARDPACK,SPE_F1 guid=4b585984-651b-448a-9e53-3b10f069cf7f
EXCHANGESTANDARD | CFQ7TTC0LH16 | Exchange Online (Plan 1) | 400 | cat=Enterprise seg=nonprofit,government up=EXCHANGEENTERPRISE,STANDARDPACK guid=4b9405b0-7788-4568-add1-99614e613b69 offer=195416c1-3447-423a-b37b-ee59a99a19c4
EXCHANGEENTERPRISE | CFQ7TTC0LH1P | Exchange Online (Plan 2) | 800 | cat=Enterprise up=ENTERPRISEPACK guid=19ec0d23-8335-4cbd-94ac-6050e30712fa
EXCHANGEDESKLESS | CFQ7TTC0LH0L | Exchange Online Kiosk | 200 | cat=Enterprise up=EXCHANGESTANDARD guid=80b2d799-d2ba-4d2a-8842-fb0d0f3a4b82
EXCHANGEARCHIVE_ADDON | | Exchange Online Archiving for Exchange Online | 300 | cat=Enterprise base=EXCHANGESTANDARD,STANDARDPACK,EXCHANGEDESKLESS guid=ee02fd1b-340e-4a4b-b355-4a514e4c8943
SHAREPOINTSTANDARD | CFQ7TTC0LH0N | SharePoint (Plan 1) | 500 | cat=Enterprise up=SHAREPOINTENTERPRISE guid=1fc08a02-8b3d-43b9-831e-f76859e04e1a
SHAREPOINTENTERPRISE | CFQ7TTC0LH14 | SharePoint (Plan 2) | 1000 | cat=Enterprise guid=a9732ec9-17d9-494c-a51c-d6b45b384dcb
WACONEDRIVESTANDARD | | OneDrive for business (Plan 1) | 500 | cat=Enterprise up=WACONEDRIVEENTERPRISE guid=e6778190-713e-4e4f-9119-8b8238de25df
WACONEDRIVEENTERPRISE | | OneDrive for business (Plan 2) | 1000 | cat=Enterprise guid=ed01faf2-1d88-4947-ae91-45ca18703a96
SHAREPOINTSTORAGE | | Office 365 Extra File Storage | 20 | cat=Enterprise base=STANDARDPACK,ENTERPRISEPACK,SPE_E3,SPE_E5,SPB unit=1_Gigabyte
MULTI_GEO | | Multi-Geo Capabilities in Microsoft 365 | 200 | cat=Enterprise base=ENTERPRISEPACK,ENTERPRISEPREMIUM,SPE_E3,SPE_E5,EXCHANGESTANDARD percent=5 plans=my
MICROSOFT_365_COPILOT | | Microsoft 365 Copilot | 3000 | cat=Enterprise base=SPB,O365_BUSINESS_PREMIUM,ENTERPRISEPACK,ENTERPRISEPREMIUM,SPE_E3,SPE_E5 plans=y
AAD_PREMIUM | CFQ7TTC0LFLS | Microsoft Entra ID P1 | 600 | cat=Enterprise trial=1 seg=nonprofit,government up=AAD_PREMIUM_P2 guid=078d2b04-f1bd-4111-bbd4-b4b1b354cef4
AAD_PREMIUM_P2 | CFQ7TTC0LFK5 | Microsoft Entra ID P2 | 900 | cat=Enterprise trial=1 seg=nonprofit guid=84a661c4-e949-4bd2-a560-ed7766fcaf2b
ENTRA_GOVERNANCE | | Microsoft Entra ID Governance | 700 | cat=Enterprise base=AAD_PREMIUM,AAD_PREMIUM_P2,SPE_E3,SPE_E5
ENTRA_SUITE | | Microsoft Entra Suite | 1200 | cat=Enterprise base=AAD_PREMIUM,AAD_PREMIUM_P2,SPE_E3,SPE_E5
INTUNE_A | CFQ7TTC0LCH4 | Microsoft Intune Plan 1 | 800 | cat=Enterprise trial=1 seg=nonprofit guid=061f9ace-7d42-4136-88ac-31dc755f143f
INTUNE_P2 | | Microsoft Intune Plan 2 | 400 | cat=Enterprise base=INTUNE_A,SPE_E3,SPE_E5,SPB
INTUNE_SUITE | | Microsoft Intune Suite | 1000 | cat=Enterprise base=INTUNE_A,SPE_E3,SPE_E5,SPB
EMS | | Enterprise Mobility + Security E3 | 1060 | cat=Enterprise trial=1 seg=nonprofit up=EMSPREMIUM guid=efccb6f7-5641-4e0e-bd10-b4976e1bf68e
EMSPREMIUM | | Enterprise Mobility + Security E5 | 1640 | cat=Enterprise trial=1 guid=b05e124f-c7cc-45a0-a6aa-8cf78c946968
MDB_SMB | | Microsoft Defender for Business | 300 | max=300 cat=SmallBusiness trial=1
MDE_P1 | | Microsoft Defender for Endpoint P1 | 300 | cat=Enterprise up=MDE_P2
MDE_P2 | | Microsoft Defender for Endpoint P2 | 520 | cat=Enterprise trial=1 guid=111046dd-295b-4d6d-9724-d52ac90bd1f2
ATP_ENTERPRISE | | Microsoft Defender for Office 365 (Plan 1) | 200 | cat=Enterprise seg=nonprofit up=THREAT_INTELLIGENCE guid=4ef96642-f096-40de-a3e9-d83fb2f90211
THREAT_INTELLIGENCE | | Microsoft Defender for Office 365 (Plan 2) | 500 | cat=Enterprise guid=3dd6cf57-d688-4eed-ba52-9e40b5468c3e
ADALLOM_STANDALONE | | Microsoft Defender for Cloud Apps | 350 | cat=Enterprise guid=df845ce7-05f9-4894-b5f2-11bbfbcfd2b6
IDENTITY_THREAT_PROTECTION | | Microsoft 365 E5 Security | 1200 | cat=Enterprise base=SPE_E3 guid=26124093-3d78-432b-b5dc-48bf992543d5
INFORMATION_PROTECTION_COMPLIANCE | | Microsoft 365 E5 Compliance | 1200 | cat=Enterprise base=SPE_E3 guid=184efa21-98c3-4e5d-95ab-d07053a96e67
RIGHTSMANAGEMENT | | Azure Information Protection Premium P1 | 200 | cat=Enterprise guid=c52ea49f-fe5d-4e95-93ba-1de91d380f89
POWER_BI_PRO | CFQ7TTC0HL8W | Power BI Pro | 1400 | cat=Enterprise trial=1 seg=nonprofit,government up=PBI_PREMIUM_PER_USER guid=f8a1db68-be16-40ed-86d5-cb42ce701560 rise=4
PBI_PREMIUM_PER_USER | CFQ7TTC0HL8X | Power BI Premium Per User | 2400 | cat=Enterprise trial=1 guid=c1d032e0-5619-4761-9b5c-75b6831e1711
PBI_PREMIUM_PER_USER_ADDON | | Power BI Premium Per User Add-On | 1400 | cat=Enterprise base=POWER_BI_PRO,SPE_E5,ENTERPRISEPREMIUM guid=de376a03-6e5b-42ec-855f-093fb50b8ca5
POWERAPPS_PER_USER | | Power Apps Premium | 2000 | cat=Enterprise trial=1 guid=b30411f5-fea1-4a59-9ad9-3db7c7ead579
FLOW_PER_USER | | Power Automate Premium | 1500 | cat=Enterprise trial=1 guid=4a51bca5-1eff-43f5-878c-177680f191af
FLOW_PROCESS | | Power Automate Process | 15000 | cat=Enterprise
CDS_DB_CAPACITY | | Dataverse Database Capacity | 4000 | cat=Enterprise base=POWERAPPS_PER_USER,FLOW_PER_USER,DYN365_SALES_PRO,DYN365_SALES_ENT unit=1_Gigabyte guid=e612d426-6bc3-4181-9658-91aa906b0ac0
PROJECT_P1 | | Project Plan 1 | 1000 | cat=Enterprise up=PROJECTPROFESSIONAL guid=beb6439c-caad-48d3-bf46-0c82871e12be
PROJECTPROFESSIONAL | CFQ7TTC0HDB1 | Project Plan 3 | 3000 | cat=Enterprise trial=1 up=PROJECTPREMIUM guid=53818b1b-4a27-454b-8896-0dba576410e6
PROJECTPREMIUM | CFQ7TTC0HDB0 | Project Plan 5 | 5500 | cat=Enterprise guid=09015f9f-377f-4538-bbb5-f75ceb09358a
VISIO_PLAN1 | CFQ7TTC0HD33 | Visio Plan 1 | 500 | cat=Enterprise up=VISIOCLIENT guid=ca7f3140-d88c-455b-9a1c-7f0679e31a76
VISIOCLIENT | CFQ7TTC0HD32 | Visio Plan 2 | 1500 | cat=Enterprise trial=1 guid=c5928f49-12ba-48f7-ada3-0d743a3601d5
TEAMS_ESSENTIALS | | Microsoft Teams Essentials | 400 | max=300 cat=SmallBusiness up=O365_BUSINESS_ESSENTIALS
TEAMS_ENTERPRISE | | Microsoft Teams Enterprise | 525 | cat=Enterprise
TEAMS_PREMIUM | | Teams Premium | 1000 | cat=Enterprise base=O365_BUSINESS_ESSENTIALS,O365_BUSINESS_PREMIUM,SPB,STANDARDPACK,ENTERPRISEPACK,ENTERPRISEPREMIUM,SPE_E3,SPE_E5
MCOEV | | Microsoft Teams Phone Standard | 1000 | cat=Enterprise base=O365_BUSINESS_ESSENTIALS,O365_BUSINESS_PREMIUM,SPB,STANDARDPACK,ENTERPRISEPACK,SPE_E3 guid=e43b5b99-8dfb-405f-9987-dc307f34bcbd
MCOPSTN1 | | Microsoft 365 Domestic Calling Plan | 1200 | cat=Enterprise base=MCOEV,ENTERPRISEPREMIUM,SPE_E5 attest=1 guid=0dab259f-bf13-4952-b7f8-7db8f131b28d
MCOMEETADV | | Microsoft 365 Audio Conferencing | 400 | cat=Enterprise base=O365_BUSINESS_PREMIUM,SPB,STANDARDPACK,ENTERPRISEPACK,SPE_E3 guid=0c266dff-15dd-4b49-8397-2bb16070ed52
TEAMS_ROOMS_PRO | | Microsoft Teams Rooms Pro | 4000 | cat=Enterprise unit=1_Device trial=1
CPC_B_2C_4RAM_128GB | | Windows 365 Business 2 vCPU, 4 GB, 128 GB | 3100 | max=300 plans=my
CPC_E_2C_8GB_128GB | | Windows 365 Enterprise 2 vCPU, 8 GB, 128 GB | 4100 | plans=my
WIN10_VDA_E3 | | Windows 11 Enterprise E3 | 700 | cat=Enterprise seg=nonprofit up=WIN10_VDA_E5 guid=6a0f6da5-0b87-4190-a6ae-9bb5a2b9546a
WIN10_VDA_E5 | | Windows 11 Enterprise E5 | 1100 | cat=Enterprise guid=488ba24a-39a9-4473-8ee5-19291e71b002
DYN365_TEAM_MEMBERS | | Dynamics 365 Team Members | 800 | cat=Enterprise guid=7ac9fe77-66b7-4e5e-9e46-10eed1cff547
DYN365_SALES_PRO | | Dynamics 365 Sales Professional | 6500 | cat=Enterprise up=DYN365_SALES_ENT trial=1
DYN365_SALES_ENT | | Dynamics 365 Sales Enterprise | 10500 | cat=Enterprise trial=1
DYN365_CUSTOMER_SERVICE | | Dynamics 365 Customer Service Enterprise | 10500 | cat=Enterprise trial=1
DYN365_FINANCE | | Dynamics 365 Finance | 21000 | min=20 cat=Enterprise
DYN365_SCM | | Dynamics 365 Supply Chain Management | 21000 | min=20 cat=Enterprise
DYN365_BC_ESSENTIAL | | Dynamics 365 Business Central Essentials | 8000 | cat=SmallBusiness up=DYN365_BC_PREMIUM trial=1
DYN365_BC_PREMIUM | | Dynamics 365 Business Central Premium | 11000 | cat=SmallBusiness
VIVA_SUITE | | Microsoft Viva Suite | 1200 | cat=Enterprise base=ENTERPRISEPACK,ENTERPRISEPREMIUM,SPE_E3,SPE_E5
STANDARDWOFFPACK_FACULTY | | Office 365 A1 for faculty | 0 | only=education plans=y guid=94763226-9b3c-4e75-a931-5c89701abe66
M365EDU_A3_FACULTY | | Microsoft 365 A3 for faculty | 575 | only=education up=M365EDU_A5_FACULTY guid=4b590615-0888-425a-a965-b3bf7789848d
M365EDU_A3_STUDENT | | Microsoft 365 A3 for students | 325 | only=education guid=7cfd9a2b-e110-4c39-bf20-c6a3f36a3121
M365EDU_A5_FACULTY | | Microsoft 365 A5 for faculty | 1100 | only=education guid=e97c048c-37a4-45fb-ab50-922fbf07a370
"""

#: Prices for ever, per unit.
PERPETUAL: Final = """
WINSVR22_STD_16C | | Windows Server 2022 Standard - 16 Core License Pack | 106900 | unit=16_Cores
WINSVR22_DC_16C | | Windows Server 2022 Datacenter - 16 Core License Pack | 615500 | unit=16_Cores
WINSVR22_CAL_USER | | Windows Server 2022 CAL - 1 User | 3800 | unit=1_User
WINSVR22_CAL_DEVICE | | Windows Server 2022 CAL - 1 Device | 3000 | unit=1_Device
WINSVR22_RDS_USER | | Windows Server 2022 Remote Desktop Services - 1 User CAL | 13100 | unit=1_User
SQLSVR22_STD_2C | | SQL Server 2022 Standard - 2 Core License Pack | 358600 | unit=2_Cores
SQLSVR22_ENT_2C | | SQL Server 2022 Enterprise - 2 Core License Pack | 1374800 | unit=2_Cores
EXCHSVR19_STD | | Exchange Server 2019 Standard | 70800 | unit=1_Server
OFFICE_LTSC21_STD | | Office LTSC Standard 2021 | 39700 | unit=1_Device
ACCESS_LTSC21 | DG7GMGF0D7FV | Access LTSC 2021 | 16400 | unit=1_Device po=1
EXCEL_LTSC21 | DG7GMGF0D7FT | Excel LTSC 2021 | 16400 | unit=1_Device po=1
WIN11_PRO_UPGRADE | | Windows 11 Pro Upgrade | 16400 | unit=1_Device seg=nonprofit,education
VS22_PROFESSIONAL | | Visual Studio Professional 2022 | 49900 | unit=1_User
"""

#: Prices per unit and year.
SOFTWARE_SUBSCRIPTIONS: Final = """
WINSVR_STD_8C_SUB | | Windows Server Standard - 8 Core License Pack Subscription | 22400 | unit=8_Cores
WINSVR_CAL_USER_SUB | | Windows Server CAL - 1 User Subscription | 1600 | unit=1_User
WINSVR_RDS_USER_SUB | | Windows Server Remote Desktop Services CAL - 1 User Subscription | 4800 | unit=1_User
SQLSVR_STD_2C_SUB | | SQL Server Standard - 2 Core License Pack Subscription | 141800 | unit=2_Cores
SQLSVR_ENT_2C_SUB | | SQL Server Enterprise - 2 Core License Pack Subscription | 543400 | unit=2_Cores
"""

LINUX: Final = """
SLES_1_2VCPU | | SUSE Linux Enterprise Server 1-2 vCPU | 16200 | unit=1_Instance pub=SUSE
SLES_3_4VCPU | | SUSE Linux Enterprise Server 3-4 vCPU | 32400 | unit=1_Instance pub=SUSE
RHEL_1_4VCPU | | Red Hat Enterprise Linux 1-4 vCPU | 38000 | unit=1_Instance pub=Red_Hat
"""

#: Prices per instance and year. arm = size, region = where it lies, out = regions in which it is sold out.
RESERVATIONS: Final = """
RI_B1S | | Reserved VM Instance, Standard_B1s, US East | 5300 | arm=Standard_B1s region=eastus
RI_B1MS | | Reserved VM Instance, Standard_B1ms, US East | 10600 | arm=Standard_B1ms region=eastus
RI_B2S | | Reserved VM Instance, Standard_B2s, US East | 21300 | arm=Standard_B2s region=eastus
RI_B2MS | | Reserved VM Instance, Standard_B2ms, EU West | 46000 | arm=Standard_B2ms region=westeurope
RI_B4MS | | Reserved VM Instance, Standard_B4ms, EU West | 91800 | arm=Standard_B4ms region=westeurope
RI_D2S_V5 | DZH318Z0BNZ5 | Reserved VM Instance, Standard_D2s_v5, EU West | 60300 | arm=Standard_D2s_v5 region=westeurope out=japanwest sku=006G
RI_SQLDB_GP | | SQL Database Reserved Capacity, General Purpose Gen5, EU West | 98600 | arm=SQLDB_GP_Gen5 region=westeurope type=AzureReservationsSQL
RI_COSMOS_100RU | | Azure Cosmos DB Reserved Capacity, 100 RU/s | 5600 | arm=CosmosDB_100RUs region=global type=AzureReservationsCosmosDb
"""

SAVINGS_PLANS: Final = """
SAVINGS_COMPUTE | | Azure Savings Plan for Compute | 100 | unit=1_Hour
"""

AZURE_PLANS: Final = """
AZURE_PLAN | DZH318Z0BPS6 | Azure plan | 0 | unit=1_Plan
"""

#: Made-up publishers and products. Prices per seat and month. plans: m, y or my.
SAAS: Final = """
NW_BACKUP | | Northwind Backup for Microsoft 365 | 350 | pub=Northwind_Traders plans=my
NW_ARCHIVE | | Northwind Mail Archive | 210 | pub=Northwind_Traders plans=my
FK_SECUREMAIL | | Fabrikam Secure Mail Gateway | 290 | pub=Fabrikam plans=my
FK_AWARENESS | | Fabrikam Security Awareness Training | 175 | pub=Fabrikam plans=y
AW_TIMETRACK | | Adventure Works Time Tracking | 480 | pub=Adventure_Works plans=my
LT_SIGNATURES | | Litware Email Signatures | 120 | pub=Litware plans=my
LT_MONITOR | | Litware Cloud Cost Monitor | 9900 | pub=Litware plans=m
WW_FIELDSERVICE | | Wingtip Field Service Companion | 1500 | pub=Wingtip_Toys plans=y
"""
