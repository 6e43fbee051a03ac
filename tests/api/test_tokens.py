"""Who a token stands for, and how a citizen's app gets one."""

import pytest

from channels.models import KeptMessage
from citizens.models import ApiToken, User


def code_sent_to(phone) -> str:
    body = KeptMessage.objects.filter(address=phone).latest("pk").body
    return next(word.strip(".,:;।") for word in body.split() if word.strip(".,:;।").isdigit() and len(word.strip(".,:;।")) == 6)


def test_a_phone_and_its_code_give_a_token(program, world):
    stranger = program()
    assert stranger.post("otp/", {"phone": "9816022222"}).status_code == 202
    answer = stranger.post("otp/verify/", {"phone": "9816022222", "code": code_sent_to("+919816022222")})
    assert answer.status_code == 200, answer.json()
    stranger.client.credentials(HTTP_AUTHORIZATION=f"Token {answer.json()['token']}")
    assert stranger.get("complaints/").json()["results"] == []
    citizen = User.objects.get(phone="+919816022222")
    assert citizen.is_citizen
    assert answer.json()["token"] not in citizen.tokens.get().key_hash


def test_known_and_unknown_numbers_get_the_same_answer(program, world):
    known = program().post("otp/", {"phone": str(world.citizen.phone)})
    unknown = program().post("otp/", {"phone": "9816033333"})
    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json())


def test_a_wrong_code_gives_nothing(program, world):
    program().post("otp/", {"phone": "9816044444"})
    answer = program().post("otp/verify/", {"phone": "9816044444", "code": "000000"})
    assert answer.status_code == 400
    assert answer.json()["errors"].keys() == {"code"}
    assert not ApiToken.objects.exists()


def test_a_fourth_code_in_ten_minutes_is_refused_with_how_long_to_wait(program, world):
    answers = [program().post("otp/", {"phone": "9816055555"}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0


@pytest.mark.parametrize("header", ["Token", "Token nothing", "Token a b", "Bearer x", "Token " + "x" * 500, "Token \xff"])
def test_what_is_no_token_lets_nobody_in(program, world, header):
    stranger = program()
    stranger.client.credentials(HTTP_AUTHORIZATION=header)
    assert stranger.get("complaints/").status_code == 401


def test_a_token_ends_with_its_person(program, world):
    officer = program(world.l1)
    assert officer.get("complaints/").status_code == 200
    User.objects.filter(pk=officer.user.pk).update(is_active=False)
    assert officer.get("complaints/").status_code == 401


def test_messages_follow_the_language_asked_for(program, world):
    english, hindi = program(language="en"), program(language="hi")
    assert english.get("complaints/").json()["detail"].isascii()
    assert not hindi.get("complaints/").json()["detail"].isascii()
    complaint = world.assigned()
    wrong = program(world.l1, language="hi").act(complaint.number, "ask", text="कौन सा वार्ड?")
    assert not wrong.json()["detail"].isascii()
