"""A small state to test in: one department's ladder over one district, and people in it."""

import datetime
import itertools

import factory

from channels.models import Delivery
from citizens.models import User
from departments.models import Area, Category, Department, Post, Posting, Reason, Role
from grievance import workflow
from grievance.access import Actor
from grievance.models import Event

LONG_AGO = datetime.date(2024, 1, 1)
_keys = itertools.count()


class AreaFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Area

    code = factory.Sequence(lambda n: f"area-{n}")
    kind = Area.Kind.PANCHAYAT
    name_en = factory.Sequence(lambda n: f"Place {n}")
    name_hi = factory.Sequence(lambda n: f"स्थान {n}")


class DepartmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Department

    code = factory.Sequence(lambda n: f"department-{n}")
    name_en = factory.Sequence(lambda n: f"Department {n}")
    name_hi = factory.Sequence(lambda n: f"विभाग {n}")


class CategoryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Category

    code = factory.Sequence(lambda n: f"category-{n}")
    department = factory.SubFactory(DepartmentFactory)
    name_en = factory.Sequence(lambda n: f"Matter {n}")
    name_hi = factory.Sequence(lambda n: f"विषय {n}")


class CitizenFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    kind = User.Kind.CITIZEN
    username = factory.Sequence(lambda n: f"c-{n}")
    phone = factory.Sequence(lambda n: f"+9198{n:08d}")
    name = factory.Sequence(lambda n: f"Citizen {n}")
    password = "!"


class OfficerFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    kind = User.Kind.STAFF
    username = factory.Sequence(lambda n: f"officer-{n}")
    name = factory.Sequence(lambda n: f"Officer {n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")
    password = "!"


class PostFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Post

    code = factory.Sequence(lambda n: f"post-{n}")
    title_en = factory.Sequence(lambda n: f"Post {n}")
    title_hi = factory.Sequence(lambda n: f"पद {n}")
    role = Role.OFFICER
    level = 1
    department = factory.SubFactory(DepartmentFactory)
    area = factory.SubFactory(AreaFactory)


class PostingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Posting

    post = factory.SubFactory(PostFactory)
    officer = factory.SubFactory(OfficerFactory)
    starts_on = LONG_AGO


def take_next_place_in_log(complaint) -> None:
    """Puts a line where the complaint's next event belongs, so that its next change cannot be written."""
    Event.objects.create(complaint=complaint, seq=complaint.event_count + 1, action="note", to_state=complaint.state,
                         level=1, at=complaint.registered_at, actor_role="system", channel="system", hash="x")  # fmt: skip


def told(event, *, sent_at, channel="sms"):
    """The message that an event called for went out to its citizen."""
    citizen = event.complaint.citizen
    return Delivery.objects.create(
        event=event, recipient=citizen, template="told", audience="citizen", channel=channel, language="hi",
        address=str(citizen.phone), body="…", key=f"told-{event.pk}-{channel}", state=Delivery.State.SENT,
        available_at=sent_at, created_at=sent_at, sent_at=sent_at,
    )  # fmt: skip


def _officers(department, level, area) -> dict:
    """What the factory is told of an officer of the ladder."""
    return {"post__department": department, "post__level": level, "post__area": area}


def _made_together(*wanted: dict) -> list[Posting]:
    """Postings with their posts and people in a statement each: one by one they are most of a small test's time."""
    postings = [PostingFactory.build(**told_of_it) for told_of_it in wanted]
    Post.objects.bulk_create([posting.post for posting in postings])
    User.objects.bulk_create([posting.officer for posting in postings])
    return Posting.objects.bulk_create(postings)


class World:
    """A state with one district, block and panchayat, and Jal Shakti's officers at every level."""

    def __init__(self):
        self.state = AreaFactory(kind=Area.Kind.STATE, name_en="Himachal Pradesh", name_hi="हिमाचल प्रदेश")
        self.division = AreaFactory(kind=Area.Kind.DIVISION, parent=self.state)
        self.district = AreaFactory(kind=Area.Kind.DISTRICT, parent=self.division, code="d-23", name_en="Shimla",
                                    name_hi="शिमला")  # fmt: skip
        self.block = AreaFactory(kind=Area.Kind.BLOCK, parent=self.district, name_en="Theog", name_hi="ठियोग")
        self.panchayat = AreaFactory(parent=self.block, name_en="Matiana", name_hi="मतियाना")
        self.water = DepartmentFactory(code="jal-shakti", name_en="Jal Shakti", name_hi="जल शक्ति")
        self.roads = DepartmentFactory(code="pwd", name_en="Public Works", name_hi="लोक निर्माण")
        self.no_water = CategoryFactory(department=self.water, code="no-water", name_en="No water", name_hi="पानी नहीं")
        self.pothole = CategoryFactory(department=self.roads, code="pothole", name_en="Potholes", name_hi="गड्ढे")
        places = {1: self.block, 2: self.district, 3: self.division, 4: self.state}
        self.l1, self.l2, self.l3, self.l4, self.roads_l1, self.roads_l2, *desks = _made_together(
            *(_officers(self.water, n, places[n]) for n in (1, 2, 3, 4)),
            *(_officers(self.roads, n, places[n]) for n in (1, 2)),
            self._desks(Role.NODAL, department=self.water), self._desks(Role.TRIAGE), self._desks(Role.TRIAGE),
            self._desks(Role.CM_OFFICE), self._desks(Role.DISTRICT, area=self.district), self._desks(Role.AGENT),
        )  # fmt: skip
        self.nodal, self.triage, self.triage_2, self.cm_office, self.commissioner, self.agent = desks
        self.citizen, self.stranger = CitizenFactory(), CitizenFactory()
        self.client = User.objects.create(username="partner", kind=User.Kind.CLIENT, password="!")
        for kind, code in (("transfer", "wrong_department"), ("reject", "no_facts")):
            Reason.objects.create(kind=kind, code=code, text_en=code, text_hi=code)

    def posting(self, department, level, area, **post) -> Posting:
        return PostingFactory(
            **_officers(department, level, area), **{f"post__{key}": value for key, value in post.items()}
        )

    def desk(self, role, department=None, area=None) -> Posting:
        return PostingFactory(**self._desks(role, department, area))

    def _desks(self, role, department=None, area=None) -> dict:
        """What the factory is told of a desk."""
        return {
            "post__role": role,
            "post__level": None,
            "post__department": department,
            "post__area": area or self.state,
        }

    def register(self, citizen=None, category=None, area=None, *, key=None, text="Five days without water", **more):
        """A complaint as the citizen's own filing makes it; not yet routed."""
        citizen = citizen or self.citizen
        complaint, _new = workflow.register(
            citizen=citizen, actor=Actor(citizen, "citizen", None, "web"), key=key or f"key-{next(_keys)}",
            category=category or self.no_water, area=area or self.panchayat, text=text, **more
        )  # fmt: skip
        return complaint

    def assigned(self, **more):
        """A complaint on its officer's desk."""
        complaint = self.register(**more)
        workflow.route_registered()
        complaint.refresh_from_db()
        return complaint

    def in_progress(self, **more):
        complaint = self.assigned(**more)
        return workflow.change(complaint, "accept", user=complaint.assignee.officer)

    def resolved(self, **more):
        complaint = self.in_progress(**more)
        return workflow.change(complaint, "resolve", user=complaint.assignee.officer, text="Pipe mended")

    def closed(self, **more):
        complaint = self.resolved(**more)
        return workflow.change(complaint, "satisfied", user=complaint.citizen, rating=5)
