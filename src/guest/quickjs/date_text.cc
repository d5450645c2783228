#include "guest/quickjs/date_text.h"

namespace curfew::guest {

namespace {

class Scanner {
  public:
    explicit Scanner(Bytes text) : at_(text.data), end_(text.data + text.size) {}

    bool digits(int count, int& number) {
        if (end_ - at_ < count) return false;
        number = 0;
        for (int i = 0; i < count; ++i) {
            if (at_[i] < '0' || at_[i] > '9') return false;
            number = number * 10 + (at_[i] - '0');
        }
        at_ += count;
        return true;
    }
    // One of two characters.
    bool one_of(char a, char b) {
        if (at_ == end_ || (*at_ != a && *at_ != b)) return false;
        ++at_;
        return true;
    }
    bool is(char a) { return one_of(a, a); }
    bool at_end() const { return at_ == end_; }
    bool sees(char a) const { return at_ != end_ && *at_ == a; }

  private:
    const char* at_;
    const char* end_;
};

int days_in_month(int year, int month) {
    static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && is_leap ? 29 : kDays[month - 1];
}

// Since 1970. Years begin in March here, so that the day of a leap year comes last.
int64_t days_before(int year, int month, int day) {
    const int64_t shifted = year - (month <= 2 ? 1 : 0);
    const int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
    const int64_t of_era = shifted - era * 400;
    const int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

}  // namespace

bool read_date(Bytes text, double& milliseconds) {
    Scanner scanner(text);
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    const bool has_time = scanner.digits(4, year) && scanner.is('-') && scanner.digits(2, month) && scanner.is('-') &&
                          scanner.digits(2, day) && (scanner.one_of('T', 't') || scanner.is(' ')) &&
                          scanner.digits(2, hour) && scanner.is(':') && scanner.digits(2, minute) && scanner.is(':') &&
                          scanner.digits(2, second);
    if (!has_time) return false;
    int thousandths = 0;
    if (scanner.is('.')) {
        int digit = 0;
        int place = 100;
        if (!scanner.digits(1, digit)) return false;
        do {
            thousandths += digit * place;
            place /= 10;
        } while (scanner.digits(1, digit));
    }
    int offset = 0;  // in minutes
    if (!scanner.one_of('Z', 'z')) {
        int hours = 0, minutes = 0;
        const bool west = scanner.sees('-');
        if (!scanner.one_of('+', '-') || !scanner.digits(2, hours) || !scanner.is(':') || !scanner.digits(2, minutes)) {
            return false;
        }
        offset = (hours * 60 + minutes) * (west ? -1 : 1);
    }
    if (!scanner.at_end() || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) || hour > 24 ||
        minute > 59 || second > 60) {
        return false;
    }
    const int64_t minutes = days_before(year, month, day) * 1440 + int64_t{hour} * 60 + minute - offset;
    milliseconds = static_cast<double>((minutes * 60 + second) * 1000 + thousandths);
    return true;
}

}  // namespace curfew::guest
