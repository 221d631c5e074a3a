"""Write a `Contact` as a compact JSON record with its keys in alphabetical order.

F-strings build the text because there can be millions of records; only the attributes need a JSON encoder.
"""

from datetime import UTC, datetime
from json import JSONEncoder
from random import Random

from jobs.sample.agents import DAY, new_id
from jobs.sample.planned_contact import Contact

ACCOUNT = "123456789012"
ABSENT_IN_2020 = (
    '"AnsweringMachineDetectionStatus":null,',
    '"Campaign":{"CampaignId":null},',
    '"ContactDetails":{},',
    '"References":[],',
    '"ScheduledTimestamp":null,',
    ',"VoiceIdResult":null',
)
PROFILES = (
    "Scheduling",
    "Nurse Line",
    "Pharmacy",
    "Radiology",
    "Referrals",
    "Accounts",
    "Cardiology",
    "Español",
)


class RecordWriter:
    """Writer for the records of one Connect instance, whose ids come from the seed."""

    def __init__(self, seed: int) -> None:
        """Choose the ids of the instance."""
        rng = Random(f"{seed}:instance")
        self.instance = f"arn:aws:connect:us-east-1:{ACCOUNT}:instance/{new_id(rng)}"
        self.queue_arns = tuple(f"{self.instance}/queue/{new_id(rng)}" for _ in range(8))
        profile = f"{self.instance}/routing-profile/"
        self._profiles = tuple(f'{{"ARN":"{profile}{new_id(rng)}","Name":"{name}"}}' for name in PROFILES)
        self._group = (
            f'{{"Level1":{{"ARN":"{self.instance}/agent-group/{new_id(rng)}","GroupName":"Hospital East"}},'
            '"Level2":null,"Level3":null,"Level4":null,"Level5":null}'
        )
        self._bucket = f"amazon-connect-{rng.getrandbits(48):012x}/connect/hospital/CallRecordings"
        self._stream = f"arn:aws:kinesisvideo:us-east-1:{ACCOUNT}:stream/hospital-contact-"
        self._clock = tuple(f"T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}Z" for s in range(DAY))
        self._days: dict[int, str] = {}
        self._encode = JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode

    def day(self, at: int) -> str:
        """Return the UTC day of an instant as `2026-03-01`."""
        number = at // DAY
        text = self._days.get(number)
        if text is None:
            text = self._days[number] = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"
        return text

    def instant(self, at: int | None) -> str:
        """Return an instant as JSON: `"2026-03-01T10:00:00Z"` or `null`."""
        return "null" if at is None else f'"{self.day(at)}{self._clock[at % DAY]}"'

    def record(self, c: Contact, updated_at: int) -> bytes:
        """Return one delivery of a contact, stamped with its LastUpdateTimestamp."""
        kind = c.endpoint_type
        recording, recordings = self._recordings(c) if c.recordings else ("null", "null")
        streams = '[{"Type":"AUDIO"}]' if c.channel == "VOICE" else "[]"
        text = (
            f'{{"AWSAccountId":"{ACCOUNT}","AWSContactTraceRecordFormatVersion":"2017-03-10","Agent":{self._agent(c)},'
            f'"AgentConnectionAttempts":{0 if c.agent is None else 1},'
            f'"AnsweringMachineDetectionStatus":{_text(c.machine)},"Attributes":{self._encode(c.attributes)},'
            f'"Campaign":{{"CampaignId":{_text(c.campaign)}}},"Channel":"{c.channel}",'
            f'"ConnectedToSystemTimestamp":{self.instant(c.system_connected_at)},"ContactDetails":{{}},'
            f'"ContactId":"{c.contact_id}","CustomerEndpoint":{_endpoint(c.customer, kind)},'
            f'"DisconnectReason":{_text(c.reason)},"DisconnectTimestamp":{self.instant(c.disconnected_at)},'
            f'"InitialContactId":{_text(c.initial_id)},"InitiationMethod":"{c.method}",'
            f'"InitiationTimestamp":{self.instant(c.initiated_at)},"InstanceARN":"{self.instance}",'
            f'"LastUpdateTimestamp":{self.instant(updated_at)},"MediaStreams":{streams},'
            f'"NextContactId":{_text(c.next_id)},"PreviousContactId":{_text(c.previous_id)},'
            f'"Queue":{self._queue(c)},"Recording":{recording},"Recordings":{recordings},'
            f'"References":[],"ScheduledTimestamp":null,"SystemEndpoint":{_endpoint(c.system, kind)},'
            f'"TransferCompletedTimestamp":{self.instant(c.transferred_at)},'
            f'"TransferredToEndpoint":{_endpoint(c.transferred_to, kind)},"VoiceIdResult":null}}'
        )
        return (self._reshape(c, text) if c.shape else text).encode()

    def _reshape(self, c: Contact, text: str) -> str:
        if c.shape == "old":
            for absent in ABSENT_IN_2020:
                text = text.replace(absent, "")
            return text.replace(f'"DisconnectReason":{_text(c.reason)},', "")
        second = self.instant(c.initiated_at)[:-2]
        activity = f'{{"GreetingEndTimestamp":{second}.840Z","GreetingStartTimestamp":{second}.125Z"}}'
        return text.replace('"DisconnectReason":', f'"CustomerVoiceActivity":{activity},"DisconnectReason":', 1)

    def _agent(self, c: Contact) -> str:
        agent = c.agent
        if agent is None:
            return "{}" if c.empty_agent else "null"
        talk_ended_at = c.agent_connected_at + c.talk + c.hold
        longest = c.hold if c.holds < 2 else c.hold * 2 // 3
        return (
            f'{{"ARN":"{self.instance}/agent/{agent.agent_id}","AfterContactWorkDuration":{c.wrap_up},'
            f'"AfterContactWorkEndTimestamp":{self.instant(talk_ended_at + c.wrap_up)},'
            f'"AfterContactWorkStartTimestamp":{self.instant(talk_ended_at)},"AgentInteractionDuration":{c.talk},'
            f'"ConnectedToAgentTimestamp":{self.instant(c.agent_connected_at)},"CustomerHoldDuration":{c.hold},'
            f'"HierarchyGroups":{self._group if agent.profile == 0 else "null"},'
            f'"LongestHoldDuration":{longest},"NumberOfHolds":{c.holds},'
            f'"RoutingProfile":{self._profiles[agent.profile]},"Username":"{agent.username}"}}'
        )

    def _queue(self, c: Contact) -> str:
        if c.queue is None:
            return "null"
        return (
            f'{{"ARN":"{c.queue.arn}","DequeueTimestamp":{self.instant(c.dequeued_at)},'
            f'"Duration":{c.dequeued_at - c.queued_at},"EnqueueTimestamp":{self.instant(c.queued_at)},'
            f'"Name":{_text(c.queue.name)}}}'
        )

    def _recordings(self, c: Contact) -> tuple[str, str]:
        """Return `Recording`, the first S3 recording, and `Recordings`, the list of all of them."""
        first, entries = "null", []
        start, stop = self.instant(c.initiated_at + 9), self.instant(c.disconnected_at)
        for storage in c.recordings:
            if storage == "S3":
                at = c.agent_connected_at
                day, minute = self.day(at), self._clock[at % DAY][:6]
                name = f"{c.contact_id}_{day.replace('-', '')}{minute}_UTC.wav"
                location = f"{self._bucket}/{day.replace('-', '/')}/{name}"
                first = f'{{"DeletionReason":null,"Location":"{location}","Status":"AVAILABLE","Type":"AUDIO"}}'
                entries.append(
                    '{"DeletionReason":null,"FragmentStartNumber":null,"FragmentStopNumber":null,'
                    f'"Location":"{location}","MediaStreamType":"AUDIO","ParticipantType":null,"StartTimestamp":null,'
                    '"Status":"AVAILABLE","StopTimestamp":null,"StorageType":"S3"}'
                )
            else:  # KVS: the customer's audio in a video stream; IVR: the recording of a voicemail flow
                participant, store = ("IVR", "S3") if storage == "IVR" else ("CUSTOMER", "KINESIS_VIDEO_STREAM")
                entries.append(
                    f'{{"DeletionReason":null,"FragmentStartNumber":"9134385233318143239268{c.initiated_at}0641092",'
                    f'"FragmentStopNumber":"9134385233318143239268{c.disconnected_at}0641093",'
                    f'"Location":"{self._stream}{c.contact_id}/{c.initiated_at}000","MediaStreamType":"AUDIO",'
                    f'"ParticipantType":"{participant}","StartTimestamp":{start},"Status":null,"StopTimestamp":{stop},'
                    f'"StorageType":"{store}"}}'
                )
        return first, f"[{','.join(entries)}]"


def _text(value: str | None) -> str:
    """Return a plain text (nothing to escape) as JSON."""
    return "null" if value is None else f'"{value}"'


def _endpoint(address: str | None, kind: str) -> str:
    return "null" if address is None else f'{{"Address":"{address}","Type":"{kind}"}}'
