"""Help on pages that set things up: people, the department, partners, channels."""

from collections.abc import Mapping

# Template -> what it is for and what to do first, in Vietnamese and English.
PAGES: Mapping[str, tuple[str, str]] = {
    "account/codes.html": (
        "Mỗi mã đăng nhập được một lần khi bạn không có điện thoại bên cạnh. In ra hoặc chép lại và cất xa máy "
        "tính; rời trang này là không xem lại được. Hết mã hoặc lộ mã thì đổi bộ mới ở trang tài khoản.",
        "Each code signs you in once when your phone is not at hand. Print or copy them and keep them away from "
        "the computer; they are not shown again. When they run out or leak, make a new set on your account's page.",
    ),
    "account/factor.html": (
        "Lớp thứ hai là mã sáu số từ điện thoại, hỏi sau mật khẩu. Ở đây bạn bật, đổi máy hoặc lấy mã khôi phục "
        "mới. Mất điện thoại mà không còn mã khôi phục thì nhờ quản trị đặt lại.",
        "The second factor is a six-digit code from your phone, asked for after the password. Here you turn it on, "
        "change the phone or make new recovery codes. Without phone and codes, an administrator can reset it.",
    ),
    "account/factor_new.html": (
        "Mở ứng dụng xác thực trên điện thoại, quét mã vuông rồi gõ sáu số nó hiện để xác nhận. Chỉ khi sáu số "
        "đúng thì lớp thứ hai mới có hiệu lực; rời trang giữa chừng thì chưa có gì thay đổi.",
        "Open the authenticator on your phone, scan the square and type the six digits it shows. The second factor "
        "holds only after they were right; leaving in between changes nothing.",
    ),
    "account/index.html": (
        "Mật khẩu, lớp thứ hai, ngôn ngữ và các phiên đăng nhập của riêng bạn. Thấy một phiên lạ thì kết thúc nó "
        "rồi đổi mật khẩu ngay. Không ai khác nhìn thấy mật khẩu của bạn, kể cả quản trị.",
        "Your own password, second factor, language and sign-ins. If one of the sign-ins is not yours, end it and "
        "change your password at once. Nobody else sees your password, not even an administrator.",
    ),
    "admin/blocks.html": (
        "Webmention là lời báo tự động rằng một trang đã dẫn về bản tin. Nơi nào gửi lời báo rác thì chặn tên miền "
        "ở đây; bài đã đếm trước đó vẫn giữ nguyên. Bỏ chặn lúc nào cũng được.",
        "A Webmention is an automatic note that a page links to a bulletin. Block the domains that send rubbish; "
        "what was counted before stays. A block can be lifted at any time.",
    ),
    "admin/campaign.html": (
        "Kế hoạch truyền thông có số, thời gian, chuyên đề và chỉ tiêu; tiến độ được tính theo đúng những dòng ở "
        "đây. Nhập chỉ tiêu như trong văn bản giao, ví dụ 12.500 lượt bài viết cho cả quý. Sửa chỉ tiêu thì biểu "
        "đồ đổi ngay, và lần sửa được ghi vào nhật ký.",
        "A plan has a number, a period, topics and targets; progress is reckoned from exactly these lines. Enter "
        "targets as the document sets them. Changing one changes the charts at once, and is written to the "
        "journal.",
    ),
    "admin/campaigns.html": (
        "Các kế hoạch và chỉ tiêu mà số liệu tiến độ dựa vào. Bắt đầu bằng kế hoạch đang chạy; bản tin viết sau đó "
        "gắn với nó khi chọn đúng kế hoạch lúc soạn. Kế hoạch đã qua vẫn giữ lại để làm báo cáo.",
        "The plans and targets behind all progress. Begin with the one that is running; bulletins belong to it "
        "when it is chosen while they are written. Past ones stay for reports.",
    ),
    "admin/index.html": (
        "Nơi khai những gì cả hệ thống dựa vào: người dùng, cơ quan, chuyên đề, kế hoạch, khóa. Mới cài thì đi "
        "theo các bước ở trang Hôm nay. Mọi thay đổi ở đây đều vào nhật ký, kèm tên người đổi.",
        "Where everything else is set up: people, the department, topics, plans, keys. After installing, follow "
        "the steps on the day's page. Every change here goes into the journal with the name of who made it.",
    ),
    "admin/journal.html": (
        "Mọi việc đáng chịu trách nhiệm đều nằm ở đây: ai, làm gì, với cái gì, lúc nào. Lọc theo người, việc hoặc "
        "ngày rồi tải kết quả về Excel. Các mục nối nhau bằng mã băm; bấm Kiểm tra toàn bộ để biết chưa ai sửa hay "
        "xóa mục nào.",
        "Every act worth answering for: who, what, to what, when. Filter by person, act or day and take the result "
        "as a sheet. Entries are chained by hash; the check tells whether one was changed or removed.",
    ),
    "admin/key_new.html": (
        "Khóa cho một chương trình hoặc một đối tác vào bằng API, nguồn tin riêng và cổng đối tác. Chọn vai trò "
        "nhỏ nhất đủ dùng và đặt ngày hết hạn. Khóa chỉ hiện một lần sau khi tạo, nên chuẩn bị sẵn nơi cất.",
        "A key lets a program or a partner in through the API, its own feeds and the portal. Choose the smallest "
        "role that will do, and an end. It is shown once after it is made, so have a place ready for it.",
    ),
    "admin/key_revoke.html": (
        "Hủy khóa là chương trình hoặc đối tác dùng nó bị chặn ngay, không lấy lại được. Muốn họ tiếp tục thì tạo "
        "khóa mới, gửi cho họ, rồi mới hủy khóa cũ.",
        "Revoking shuts out whoever uses the key, at once and for good. If they are to go on, make a new key and "
        "hand it over first.",
    ),
    "admin/keys.html": (
        "Các khóa đang mở cửa cho chương trình và đối tác, dùng lần cuối khi nào. Khóa lâu không dùng hoặc của "
        "người đã nghỉ thì hủy. Khóa không bao giờ hiện lại; mất thì tạo khóa mới.",
        "The keys that let programs and partners in, and when each was last used. Revoke those that are idle or "
        "whose owner has left. A key is never shown again; a lost one is replaced.",
    ),
    "admin/letterheads.html": (
        "Tên cơ quan, người ký và cơ quan cấp phép theo từng thời kỳ. Khi sắp xếp lại bộ máy, thêm tên mới với ngày "
        "bắt đầu; báo cáo của kỳ nào lấy tên và người ký của ngày cuối kỳ đó.",
        "Names of the department, signers and issuers with their days. After a reorganisation add the new name with "
        "its first day; each briefing takes those of its period's last day.",
    ),
    "admin/office.html": (
        "Tên cơ quan đứng trên mọi bản tin, nguồn tin và báo cáo; điền mục này đầu tiên. Các tên được tính là nêu "
        "nguồn quyết định bài đăng lại nào đạt, nên ghi đủ cả tên viết tắt mà báo hay dùng. Thay đổi áp dụng từ "
        "lần đọc trang tới.",
        "The department's name stands on every bulletin, feed and report; fill this in first. The names that count "
        "as naming us decide which copies pass, so list the abbreviations that papers use. Changes hold from the "
        "next reading of a page.",
    ),
    "admin/word_template.html": (
        "Mẫu Word của báo cáo giao ban, thư cảm ơn và công văn nhắc. Tải về, sửa trong Word, đưa lên lại; mẫu được "
        "điền thử trước khi dùng. Có lỗi thì trang nói ở đoạn nào, và mẫu đang dùng giữ nguyên.",
        "The Word templates of briefings, thank-you letters and reminders. Take one, edit it in Word, give it back; it "
        "is tried before it is used. A broken one changes nothing, and the page says in which paragraph.",
    ),
    "admin/people.html": (
        "Ai được vào và với vai trò nào. Người viết không tự duyệt bài mình, nên cần ít nhất một người viết và một "
        "người duyệt. Người nghỉ việc thì cho ngừng vào; tên họ vẫn còn trên những gì họ đã làm.",
        "Who may come in, and as what. Writers do not approve their own texts, so there must be one writer and one "
        "approver at least. Who leaves is shut out; their name stays on what they did.",
    ),
    "admin/person.html": (
        "Tên, vai trò, quyền vào, đường dẫn và lớp thứ hai của một người. Bạn không đặt mật khẩu hộ ai: tạo đường dẫn "
        "một lần rồi gửi cho họ tự đặt. Đổi vai trò có hiệu lực từ trang kế tiếp họ mở.",
        "One person's name, role, admission, links and second factor. You set nobody's password: make a one-time link "
        "and let them. A new role holds from the next page they open.",
    ),
    "admin/person_new.html": (
        "Nhập thư điện tử, tên và vai trò; hệ thống tạo một đường dẫn dùng một lần. Gửi đường dẫn đó qua thư hoặc "
        "Zalo cho đúng người, họ tự đặt mật khẩu. Đường dẫn hết hạn thì tạo cái khác ở trang của họ.",
        "Enter address, name and role; a one-time link is made. Send it to that person, who sets their own "
        "password. If it runs out, make another on their page.",
    ),
    "admin/topics.html": (
        "Bản tin nào cũng thuộc một chuyên đề; chỉ tiêu, nguồn tin riêng và báo cáo chia theo đó. Thêm chuyên đề "
        "trước khi viết bản tin đầu tiên về nó. Đổi tên thì mã và số liệu cũ giữ nguyên; ngừng dùng thì bản tin "
        "mới không chọn được nữa, bản tin cũ không đổi.",
        "Every bulletin has one topic; targets, feeds and reports are parted by it. Add a topic before its first "
        "bulletin. A new name keeps code and figures; a retired one cannot be chosen for new bulletins, and old "
        "ones stay as they are.",
    ),
    "channels/form.html": (
        "Khai tài khoản hoặc đối tác nhận tin. Điền xong bấm thử: máy gửi một lời chào thật hoặc kiểm quyền rồi "
        "báo kết quả. Khóa bí mật chỉ ghi, không bao giờ hiện lại.",
        "Enter the account or the partner that receives. Then try it: something real is asked and the answer told. "
        "Secrets are written and never shown.",
    ),
    "channels/index.html": (
        "Nơi bản tin được gửi tới: tài khoản chính thức của cơ quan và kênh của đối tác. Thêm kênh, thử một lần, "
        "rồi mọi bản tin phát hành sẽ tự tới. Kênh lỗi hoặc hết quyền hiện ở trang Hôm nay.",
        "Where bulletins are sent: the department's own accounts and partners' channels. Add one, try it, and "
        "every release goes there by itself. One that fails is told of on the day's page.",
    ),
    "channels/kinds.html": (
        "Chọn loại nơi nhận: Zalo, Lotus, webhook, nguồn tin riêng, đăng tay. Chưa rõ thì chọn nguồn tin riêng: "
        "đối tác tự lấy tin, không cần khóa bí mật của họ. Chọn xong mới điền chi tiết.",
        "Choose what kind of receiver it is. If in doubt, a feed: the partner fetches, and no secret of theirs is "
        "needed. The details come next.",
    ),
    "channels/limits.html": (
        "Bao nhiêu lượt mỗi phút, gửi liền được mấy lượt, mấy lượt cùng lúc. Để trống là theo mức thường của loại "
        "kênh. Chỉ nới ra khi bên nhận đã đồng ý.",
        "How many deliveries a minute, how many at a stroke, how many at once. Empty means what is usual for the "
        "kind. Raise it only when the receiver agrees.",
    ),
    "channels/listeners.html": (
        "Chương trình của đối tác hoặc của bạn đọc đăng ký với trạm WebSub để được gửi nguồn tin ngay khi có thay đổi. "
        "Ở đây thấy ai đang nghe nguồn nào, lần gửi gần nhất và lỗi nếu có; quản trị có thể thôi báo cho một nơi.",
        "Programs of partners or readers subscribe at the WebSub hub to be sent a feed as soon as it changes. Here you "
        "see who listens to which feed, when it was last sent and what went wrong; an administrator can end one.",
    ),
    "channels/mail_list.html": (
        "Dán cả danh sách thư của các tòa soạn; hệ thống tự tách tên và địa chỉ. Dòng nào sai thì nói rõ dòng ấy và "
        "chưa thêm dòng nào. Người đã bấm thôi nhận không bị thêm lại.",
        "Paste the whole list of newsrooms' addresses; names and addresses are told apart. Every wrong line is named, "
        "and none is added until all are right. Whoever has stopped receiving is not added again.",
    ),
    "channels/page.html": (
        "Một kênh: đang chạy hay nghẽn, đã gửi gì, bao giờ hết quyền. Bấm Thử để biết kênh còn thông. Tạm dừng thì "
        "lượt mới đợi lại, không mất.",
        "One channel: whether it works, what went through, when its grant ends. Try it to be sure. While it is "
        "paused, deliveries wait and none is lost.",
    ),
    "channels/replay.html": (
        "Bên nhận làm mất dữ liệu thì chọn khoảng thời gian để gửi lại những lượt đã có kết quả lúc ấy. Khóa giữ "
        "nguyên nên không đăng hai lần; tin đã sửa hoặc thu hồi thì không gửi lại bản cũ.",
        "When the receiver has lost what it had, choose a span of time and send again what was settled then. The keys "
        "stay the same, so nothing is posted twice; texts that were corrected or recalled are left out.",
    ),
    "channels/retire.html": (
        "Kênh thêm nhầm, tài khoản không còn: thôi dùng thì không gửi gì tới đó nữa, kể cả thu hồi; những gì đã phát "
        "vẫn còn trong sổ. Chỉ nghỉ ít lâu thì tạm dừng là đủ.",
        "A channel that was added by mistake, an account that is no more: nothing goes there again, recalls included, "
        "and all that went stays on record. For a rest, pausing is enough.",
    ),
    "channels/turn.html": (
        "Tạm dừng thì bản tin mới đợi, mở lại thì gửi bù theo thứ tự. Không lượt nào mất và không lượt nào gửi hai "
        "lần. Lý do ghi ở đây vào nhật ký.",
        "While it is paused, bulletins wait; when it goes on, they are sent in their order. None is lost, none "
        "sent twice. The reason goes into the journal.",
    ),
    "partners/agreement.html": (
        "Văn bản chấp thuận cho đối tác đăng lại: số, ngày, đến khi nào. Còn hiệu lực thì bài của họ không bị nghi "
        "đăng trái phép. Nhập đúng như trên giấy.",
        "The written consent behind a partner's republishing: number, day, until when. While it holds, their "
        "copies raise no doubt. Enter it as it stands on paper.",
    ),
    "partners/agreements.html": (
        "Văn bản chấp thuận của mọi đối tác, hết hạn sớm nhất đứng đầu. Lọc ra văn bản sắp hết hạn để bàn gia hạn, và "
        "văn bản chưa có bản quét để bổ sung. Bấm số văn bản để xem và tải bản quét.",
        "The agreements of all partners, those that end first on top. Filter for those about to end, to renew them, "
        "and for those without a scan, to add it. Open a number to see and save its scans.",
    ),
    "partners/scan_remove.html": (
        "Gỡ một bản quét đưa lên nhầm hoặc đã có bản rõ hơn. Đọc hậu quả rồi mới bấm. Tên và mã băm của tệp vẫn còn, "
        "để sau này biết đã từng có tệp nào.",
        "Removes a scan that came by mistake or has a better one. Read what follows before you press. Name and hash "
        "of the file stay, so that one can tell later what was there.",
    ),
    "partners/scans.html": (
        "Một văn bản chấp thuận với bản quét của tờ giấy đã ký. Quét cả văn bản thành một tệp PDF rồi thêm ở đây; tệp "
        "PDF được giữ nguyên từng byte. Bấm tên tệp để tải về.",
        "One agreement with scans of the signed paper. Scan the whole paper into one PDF and add it here; a PDF is "
        "kept byte for byte. Press a file's name to save it.",
    ),
    "partners/claims.html": (
        "So điều đối tác báo với điều máy kiểm thấy. Chênh lệch nhiều thì mở đối tác để xem từng bài. Báo cáo của "
        "đối tác không tự tính vào số xác nhận.",
        "What partners report beside what was found. Where they differ, open the partner for the single pages. A "
        "report alone is never counted as confirmed.",
    ),
    "partners/duplicates.html": (
        "Các cặp đối tác có cùng mã số thuế, hoặc một tên viết hai cách. Mở từng cặp để so sánh rồi gộp. Nếu là hai "
        "doanh nghiệp khác nhau, bấm Không phải một: cặp đó không hiện lại, và rút lại được ở cuối trang.",
        "Pairs of partners with one tax code, or one name in two spellings. Open a pair to compare and merge it. If "
        "they are two companies, say so: the pair does not come back, and that can be undone below.",
    ),
    "partners/merge.html": (
        "Một doanh nghiệp nhập hai lần thì gộp lại ở đây. So sánh hai bên, chọn mã, tên và mã số thuế giữ lại rồi "
        "gộp. Trang, giấy phép, kênh, khóa, người và lịch sử chuyển hết sang bên giữ lại. Không hoàn tác được.",
        "A company that was entered twice becomes one here. Compare both, choose the code, name and tax code that "
        "stay, and merge. Sites, licences, channels, keys, people and history go over. It cannot be undone.",
    ),
    "partners/form.html": (
        "Tên đầy đủ, mã số thuế và người liên hệ của đối tác. Lưu xong thêm trang, giấy phép và chấp thuận của họ "
        "ở trang đối tác. Đổi tên không đổi mã đã dùng trong địa chỉ.",
        "The partner's full name, tax code and contact. Then add its sites, licences and agreements. A new name "
        "keeps the code that addresses use.",
    ),
    "partners/index.html": (
        "Các đơn vị được đăng lại bản tin, giấy phép còn hạn hay không, và họ đăng bao nhiêu. Có sổ giấy phép "
        "trong Excel thì nhập cả sổ một lần. Bấm tên một đối tác để khai trang và cấp nguồn tin riêng.",
        "Those who republish, whether their licence holds, and how much they carry. Import the whole register from "
        "Excel if there is one. Open a partner to add its sites or give it a feed.",
    ),
    "partners/licence.html": (
        "Số, cơ quan cấp, ngày và tên miền ghi trên giấy phép. Ngày hết hạn quyết định lời nhắc và nghi vấn về bài "
        "đăng sau ngày đó. Nhập đúng như trên giấy, kể cả tên cũ của cơ quan cấp.",
        "Number, issuer, dates and domains of the licence. The end decides reminders and doubts about later "
        "copies. Enter it as on paper, with the issuer's name of then.",
    ),
    "partners/page.html": (
        "Mọi thứ về một đối tác: trang, giấy phép, chấp thuận, khóa, bài đã đăng. Đối tác mới thì khai trang và "
        "nơi trang liệt kê bài mới trước, máy sẽ tự xem từ lúc đó. Đối tác chỉ thấy phần của chính họ.",
        "All about one partner: sites, licences, agreements, keys, copies. For a new one, enter its sites and "
        "where they list new pages; they are watched from then on. A partner sees only its own.",
    ),
    "partners/register.html": (
        "Nhập cả sổ giấy phép từ Excel thay vì gõ từng đối tác. Tải mẫu về, điền, rồi chọn tệp: máy kiểm tra "
        "trước, bạn xem kết quả rồi mới quyết định ghi. Dòng lỗi tải về được, sửa xong nhập lại không bị trùng.",
        "Takes a whole licence register from Excel. Fetch the template, fill it, hand it in: it is checked first, "
        "and you decide after seeing the result. Bad rows come back as a sheet; nothing is entered twice.",
    ),
    "partners/register_run.html": (
        "Một lần nhập sổ. Xem máy hiểu các cột thế nào, dòng nào lỗi và vì sao, rồi bấm nhập hoặc hủy. Trước khi "
        "bấm nhập danh bạ chưa đổi gì; đã bấm thì máy ghi tới hết dù bạn đóng trang.",
        "One import. See how the columns were understood, which rows are bad and why, then import or call it off. "
        "Nothing changes before; after, it is written to its end even if you close the page.",
    ),
    "partners/site.html": (
        "Địa chỉ một trang của đối tác và nơi trang đó liệt kê bài mới. Không biết thì để trống rồi bấm Tìm nguồn "
        "ở trang đối tác. Khai xong máy xem trang đều đặn, lịch sự, theo quy định của trang.",
        "A partner's site and where it lists its new pages. If unknown, leave it and let the sources be looked "
        "for. It is then watched regularly, politely, by the site's own rules.",
    ),
    "security/passkey_new.html": (
        "Khóa truy cập thay cho mật khẩu và mã: máy giữ khóa, bạn mở bằng vân tay, khuôn mặt hoặc mã PIN. Đặt tên "
        "theo máy để sau này biết khóa nào cần bỏ. Mất máy thì bỏ khóa đó ở trang tài khoản.",
        "A passkey takes the place of password and code: your device keeps it, and your finger, face or PIN opens "
        "it. Name it after the device, to know later which to remove. If the device is lost, remove its key on your "
        "account's page.",
    ),
    "partners/editor.html": (
        "Một người của đối tác được vào cổng. Ở đây bạn đổi tên, gửi hay tạo đường dẫn mới, xem thư nào đã gửi lúc "
        "nào, kết thúc phiên hoặc không cho vào nữa. Người đó chỉ thấy phần của đối tác mình.",
        "One person of a partner who may come into the portal. Change the name, mail or make a new link, see which "
        "letters went when, end visits or shut them out here. They see only what is their partner's.",
    ),
    "partners/editor_new.html": (
        "Nhập tên và thư điện tử của người bên đối tác; hệ thống gửi họ một đường dẫn dùng một lần, hoặc hiện đường "
        "dẫn để bạn gửi riêng khi chưa có máy chủ thư. Họ chỉ thấy bản tin, bài và báo cáo của đối tác mình.",
        "Enter name and address of the partner's person; a one-time link is mailed to them, or shown for you to send "
        "to them alone where there is no mail server. They see only their own partner's bulletins, copies and reports.",
    ),
    "partners/portal_turn.html": (
        "Đóng cổng thì mọi người của đối tác này không vào được nữa; mở lại thì mỗi người cần một đường dẫn mới. Bản "
        "tin gửi cho họ qua kênh không đổi. Việc này vào nhật ký.",
        "With the portal closed, nobody of this partner comes in; opened again, each of them needs a new link. What "
        "is sent through channels stays as it is. The act goes into the journal.",
    ),
    "admin/role_rules.html": (
        "Người vào bằng tài khoản thành phố mà chưa được mời thì nhận vai trò theo các quy tắc ở đây. Thêm quy tắc "
        "hẹp trước; không khớp quy tắc nào thì không vào được. Mỗi lần đổi đều vào nhật ký.",
        "Who comes with the city's account and was not invited gets a role by these rules. Begin with narrow ones; "
        "whoever fits none is not let in. Every change goes into the journal.",
    ),
}
